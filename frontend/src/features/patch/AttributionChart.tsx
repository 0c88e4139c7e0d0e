import { useMemo, useState } from 'react'
import { ChartFrame, type ChartState } from '@/charts/ChartFrame'
import { ShareBars } from '@/charts/ShareBars'
import type { LegendItem } from '@/charts/types'
import { useWidth } from '@/charts/useWidth'
import { Waterfall } from '@/charts/Waterfall'
import { number, signed, visible } from '@/lib/format'
import { sameHead, type Head } from '@/lib/heads'
import { sharesOf, tellAttribution, tellStep, waterfall, type Attribution } from '@/lib/waterfall'
import { Term } from '@/ui/Term'

type Props = {
  attribution: Attribution | null
  answer: string
  foil: string
  state: ChartState
  focus: Head | null
  onFocus: (head: Head) => void
}

const LEGEND: readonly LegendItem[] = [
  { label: 'for the answer', color: '--div-pos', mark: 'bar' },
  { label: 'for the foil', color: '--div-neg', mark: 'bar' },
  { label: 'their sum', color: '--ink', mark: 'bar' },
]

/** The logit difference as a sum that grows from the embedding on, and the heads behind each layer. */
export function AttributionChart({ attribution, answer, foil, state, focus, onFocus }: Props) {
  const steps = useMemo(() => (attribution ? waterfall(attribution) : []), [attribution])
  const [active, setActive] = useState<number | null>(null)
  const [opened, setOpened] = useState<number | null>(null)
  const { ref, width } = useWidth(640)
  const largest = steps.reduce(
    (best, step) =>
      step.layer !== null && Math.abs(step.value) > Math.abs(best?.value ?? 0) ? step : best,
    steps[1],
  )
  const layer = opened ?? focus?.layer ?? largest?.layer ?? null
  const open = (index: number) => {
    const chosen = steps[index]
    if (chosen?.layer != null) setOpened(chosen.layer)
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <ChartFrame
        name="Direct logit attribution"
        title={<Term id="directAttribution">Direct logit attribution</Term>}
        unit="logits"
        legend={LEGEND}
        state={state}
        height={320}
        caption={
          attribution ? tellAttribution(attribution, visible(answer), visible(foil)) : undefined
        }
        table={() => ({
          columns: ['Part', 'Adds', 'Sum so far'],
          rows: steps.map(({ name, value, to }) => [name, signed(value), number(to)]),
        })}
      >
        {() => (
          <div ref={ref}>
            <Waterfall
              label="Direct logit attribution"
              steps={steps}
              totalLabel="sum"
              active={active}
              onActive={setActive}
              onOpen={open}
              textOf={(index) => (steps[index] ? tellStep(steps[index]) : '')}
              width={width}
              height={300}
            />
            <p data-no-picture className="min-h-5 text-xs text-ink-2">
              {active !== null && steps[active]
                ? tellStep(steps[active])
                : 'Each bar begins where the one before ended. A press on A6 shows the heads of layer 6.'}
            </p>
          </div>
        )}
      </ChartFrame>
      {attribution && layer !== null && (
        <section>
          <h3 className="mb-1.5 text-sm font-medium text-ink">
            Heads of layer {layer}
            <span className="font-normal text-ink-3"> · logits, direct</span>
          </h3>
          <ShareBars
            label={`Heads of layer ${layer}, direct`}
            bars={sharesOf(attribution, layer).map(({ name, head, value }) => ({
              name,
              value,
              ...(head && {
                onOpen: () => {
                  setOpened(head.layer)
                  onFocus(head)
                },
                current: sameHead(head, focus),
              }),
            }))}
          />
        </section>
      )}
    </div>
  )
}
