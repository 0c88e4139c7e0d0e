import { useState, type ReactNode } from 'react'
import { ChartFrame } from '@/charts/ChartFrame'
import { LineWithBand } from '@/charts/LineWithBand'
import { useWidth } from '@/charts/useWidth'
import type { CircuitSearchProgress } from '@/api/types'
import { tellHeads, tellShare } from '@/lib/circuit'
import { STARTS, type CircuitQuestion, type SearchStart } from '@/lib/circuitLink'
import { count, number, signed } from '@/lib/format'
import { headName, type Head } from '@/lib/heads'
import { niceTicks } from '@/lib/stats'
import { Button } from '@/ui/Button'
import { EmptyNote } from '@/ui/EmptyNote'
import { NumberField } from '@/ui/NumberField'
import { Segmented } from '@/ui/Segmented'

type Step = CircuitSearchProgress['step']

type Props = {
  question: CircuitQuestion
  steps: readonly Step[]
  /** The smallest faithful circuit so far, or the one found. */
  best: readonly Head[] | null
  /** The search has ended by itself. */
  found: boolean
  running: boolean
  /** Why no search can begin. */
  blocked: string | null
  onUpdate: (change: Partial<CircuitQuestion>) => void
  onStart: () => void
  onUse: (heads: readonly Head[]) => void
  /** How it goes, and what ends it. */
  status: ReactNode
}

const LABELS: Readonly<Record<SearchStart, { label: string; title: string }>> = {
  none: { label: 'no head', title: 'Growth: put in one head after the other' },
  all: { label: 'all heads', title: 'Removal: take out one head after the other' },
  circuit: { label: 'this circuit', title: 'Removal from the heads chosen now' },
}

/** The machine looks for a small circuit, one exact step after the other. */
export function SearchPanel(props: Props) {
  const { question, steps, best, found, running, blocked, onUpdate, onStart, onUse, status } = props
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <div>
          <p className="mb-1 text-xs text-ink-2">Begin with</p>
          <Segmented
            label="Begin with"
            options={STARTS.map((id) => ({ id, ...LABELS[id] }))}
            value={question.start}
            onChange={(start) => onUpdate({ start })}
          />
        </div>
        <NumberField
          label="At least, % of the model"
          value={question.target}
          min={0}
          max={100}
          onChange={(target) => target !== null && onUpdate({ target })}
          className="w-40"
        />
        <Button
          look="primary"
          onClick={onStart}
          disabledReason={blocked ?? (running && 'It is being searched.')}
        >
          Look for a circuit
        </Button>
      </div>
      {status}
      {best && (
        <div className="flex flex-wrap items-center gap-2 rounded-lg border border-line bg-sunken px-3 py-2 text-sm">
          <p role="status" className="min-w-0 flex-1 basis-56 text-pretty">
            <strong className="font-medium">
              {found ? 'Found' : 'Best so far'}: {count(best.length, 'head')}
            </strong>{' '}
            <span className="font-mono text-xs text-ink-2">{tellHeads(best, 12)}</span>
          </p>
          <Button onClick={() => onUse(best)}>Use this circuit</Button>
        </div>
      )}
      {steps.length > 0 ? (
        <Steps steps={steps} target={question.target / 100} />
      ) : (
        !running && (
          <EmptyNote>
            Each step tries the heads that an estimate puts first, measures them exactly and takes
            the best. The search ends when no single head can be spared.
          </EmptyNote>
        )
      )}
    </div>
  )
}

function Steps({ steps, target }: { steps: readonly Step[]; target: number }) {
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
      height={240}
      legend={[
        { label: 'circuit', color: '--control', mark: 'line' },
        { label: 'target and whole model', color: '--ink-2', mark: 'dashed' },
      ]}
      table={() => ({
        columns: ['Step', 'Head', '', 'Heads', 'F(C)/F(M)', 'Effect', 'Estimated', 'Tried'],
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
