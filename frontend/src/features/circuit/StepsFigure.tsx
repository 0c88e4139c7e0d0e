import { useState } from 'react'
import type { CircuitSearchProgress } from '@/api/types'
import { ChartFrame } from '@/charts/ChartFrame'
import { LineWithBand } from '@/charts/LineWithBand'
import { useWidth } from '@/charts/useWidth'
import { tellShare } from '@/lib/circuit'
import { count, number, signed } from '@/lib/format'
import { headName } from '@/lib/heads'
import { niceTicks } from '@/lib/stats'

export type SearchStep = CircuitSearchProgress['step']

type Props = {
  steps: readonly SearchStep[]
  /** Least F(C)/F(M). */
  target: number
}

/** How faithful the circuit is after each step of a search. */
export function StepsFigure({ steps, target }: Props) {
  const [active, setActive] = useState<number | null>(null)
  const { ref, width } = useWidth(640)
  const ratios = steps.map(({ ratio }) => ratio)
  const every = Math.ceil((steps.length * 34) / Math.max(1, width - 70))
  const textOf = (index: number) => {
    const step = steps[index]
    if (!step) return ''
    const { head, added, size, ratio, effect, estimated, tried } = step
    return `Step ${index + 1}: ${headName(head)} ${added ? 'in' : 'out'}, ${signed(effect)} (estimated ${signed(estimated)}, ${tried} tried); ${count(size, 'head')}, ${tellShare(ratio)} of the model`
  }
  return (
    <ChartFrame
      name="The search, step by step"
      unit="F(C) / F(M)"
      svg
      height={240}
      legend={[
        { label: 'circuit', color: '--control', mark: 'line' },
        { label: 'target and whole model', color: '--ink-2', mark: 'dashed' },
      ]}
      table={() => ({
        columns: [
          'Step',
          'Head',
          'In or out',
          'Heads',
          'F(C)/F(M)',
          'Effect',
          'Estimated',
          'Tried',
        ],
        rows: steps.map(({ head, added, size, ratio, effect, estimated, tried }, i) => [
          i + 1,
          headName(head),
          added ? 'in' : 'out',
          size,
          number(ratio),
          signed(effect),
          signed(estimated),
          tried,
        ]),
      })}
    >
      {() => (
        <div ref={ref}>
          <LineWithBand
            label="The search, step by step"
            points={steps.map(({ ratio, size }, i) => ({
              at: steps.length > 1 ? i / (steps.length - 1) : 0.5,
              label: i % every === 0 ? String(size) : '',
              value: ratio,
              band: null,
            }))}
            ticks={niceTicks(Math.min(0, ...ratios), Math.max(1, ...ratios), 5)}
            format={tellShare}
            marks={[target, 1]}
            axis="heads in the circuit"
            active={active}
            onActive={setActive}
            textOf={textOf}
            width={width}
            height={220}
          />
          <p data-no-picture className="min-h-5 text-xs text-ink-2">
            {textOf(active ?? steps.length - 1)}.
          </p>
        </div>
      )}
    </ChartFrame>
  )
}
