import { ChartFrame, type ChartState } from '@/charts/ChartFrame'
import { tellHeads, tellInterval, type Completeness, type Removed } from '@/lib/circuit'
import { number, signed } from '@/lib/format'
import { Term } from '@/ui/Term'

type Props = { completeness: Completeness | null; unit: string; state: ChartState }

const MOST = 12

const KINDS: Readonly<Record<Removed['kind'], string>> = {
  class: 'by kind',
  random: 'at random',
  greedy: 'one by one',
}

/** How far circuit and model come apart when both lose the same heads. */
export function LossesFigure({ completeness, unit, state }: Props) {
  const removed = completeness?.removed ?? []
  return (
    <ChartFrame
      name="Where circuit and model come apart"
      unit={unit}
      title={<Term id="completeness">Where circuit and model come apart</Term>}
      state={state}
      height={200}
      caption="The same heads are taken out of the circuit and of the whole model; the bar is how differently the two then do."
      table={() => ({
        columns: ['Taken out', 'How', 'Circuit', 'Model', 'Gap', '95 % interval'],
        rows: removed.map(({ kind, name, heads, circuit, whole, gap, interval }) => [
          tellHeads(heads, 6),
          kind === 'class' ? name : KINDS[kind],
          signed(circuit),
          signed(whole),
          number(gap),
          tellInterval(interval, number),
        ]),
      })}
    >
      {() => (
        <ul aria-label="Where circuit and model come apart" className="grid gap-2 text-xs">
          {removed.slice(0, MOST).map(({ kind, name, heads, circuit, whole, gap }, i) => (
            <li key={i} className="grid gap-0.5">
              <p className="text-ink-2">
                <span className="font-mono text-ink">{tellHeads(heads, 6)}</span>{' '}
                <span className="text-ink-3">
                  {kind === 'class' ? name : KINDS[kind]} · circuit {signed(circuit)}, model{' '}
                  {signed(whole)}
                </span>
              </p>
              <ShareBarOf gap={gap} most={removed[0]?.gap ?? 1} />
            </li>
          ))}
        </ul>
      )}
    </ChartFrame>
  )
}

function ShareBarOf({ gap, most }: { gap: number; most: number }) {
  return (
    <span className="grid grid-cols-[minmax(0,1fr)_4rem] items-center gap-2">
      <span aria-hidden className="h-2.5 rounded-sm bg-sunken">
        <span
          className="block h-full rounded-sm bg-ink-3"
          style={{ width: `${most > 0 ? (100 * gap) / most : 0}%` }}
        />
      </span>
      <span className="tabular text-right text-ink-2">{number(gap)}</span>
    </span>
  )
}
