import { ChartFrame } from '@/charts/ChartFrame'
import { ShareBars } from '@/charts/ShareBars'
import { tellHeads, tellInterval, tellThese, type Minimality } from '@/lib/circuit'
import { number, signed } from '@/lib/format'
import { headName, sameHead, type Head } from '@/lib/heads'
import { Button } from '@/ui/Button'
import { Term } from '@/ui/Term'

type Props = {
  minimality: Minimality
  unit: string
  stale: boolean
  focus: Head | null
  onFocus: (head: Head) => void
  onTakeOut: (heads: readonly Head[]) => void
}

/** What each head adds to the circuit, the most needed first, and those that can be spared. */
export function NeededFigure(props: Props) {
  const { minimality, unit, stale, focus, onFocus, onTakeOut } = props
  const { heads, superfluous } = minimality
  return (
    <ChartFrame
      name="What each head adds"
      unit={unit}
      title={<Term id="minimality">What each head adds</Term>}
      state={{ kind: 'ready', stale }}
      height={200}
      caption="Bars: what the circuit loses without the head alone. The table has the most it adds beside any others taken out, which decides whether it is superfluous."
      table={() => ({
        columns: ['Head', 'Alone', '95 % interval', 'At most', 'Without'],
        rows: heads.map(({ head, effect, interval, value, without }) => [
          headName(head),
          signed(-effect),
          tellInterval(interval && { low: -interval.high, high: -interval.low }, signed),
          number(value),
          without.length > 0 ? tellHeads(without) : '',
        ]),
      })}
    >
      {() => (
        <div className="grid gap-2">
          <ShareBars
            label="What each head adds"
            bars={heads.map(({ head, effect }) => ({
              name: headName(head),
              value: -effect,
              onOpen: () => onFocus(head),
              current: sameHead(head, focus),
            }))}
          />
          {superfluous.length > 0 && (
            <div className="flex flex-wrap items-center gap-2 text-sm text-ink-2">
              <p>Superfluous, below 1 % of the whole model: {tellHeads(superfluous, 8)}.</p>
              <Button size="small" onClick={() => onTakeOut(superfluous)}>
                Take {tellThese(superfluous.length)} out
              </Button>
            </div>
          )}
        </div>
      )}
    </ChartFrame>
  )
}
