import { number } from '@/lib/format'
import { scaleOf } from '@/lib/scale'
import type { ScoreTable } from '@/lib/scores'

type Props = {
  scores: ScoreTable
  /** The value under the pointer, marked on the scale. */
  value: number | null
}

const ramps = {
  sequential: 'linear-gradient(in oklab to right, var(--seq-lo), var(--seq-hi))',
  diverging:
    'linear-gradient(in oklab to right, var(--div-neg), var(--div-mid) 50%, var(--div-pos))',
}

/** The colours of the grid with the numbers of both ends and of the middle. */
export function Legend({ scores, value }: Props) {
  const { place, signed, ticks } = scaleOf(scores)
  const at = value === null ? null : place(value)
  const left = at === null ? 0 : signed ? (at + 1) / 2 : Math.abs(at)
  return (
    <div className="text-xs text-ink-3">
      <div
        className="relative h-2.5 rounded-sm"
        style={{ background: signed ? ramps.diverging : ramps.sequential }}
      >
        {at !== null && (
          <span
            aria-hidden
            className="absolute -top-1 h-4.5 w-[3px] -translate-x-1/2 rounded-full bg-ink ring-2 ring-surface"
            style={{ left: `${left * 100}%` }}
          />
        )}
      </div>
      <div className="tabular mt-1 flex justify-between gap-3">
        {ticks.map((tick, i) => (
          <span key={i}>{number(tick)}</span>
        ))}
      </div>
    </div>
  )
}

/** What the two ends of a signed score mean; sizes need no words. */
function endsOf({ method, metric }: ScoreTable): string {
  if (method === 'attribution' && (metric ?? 'loss') === 'loss') return ', − hurts · helps +'
  if (method === 'attribution') return ', estimated change, sign as the server defines it'
  return ', − cutting lowers it · raises it +'
}

/** What the numbers of the legend are, and of which model. */
export function LegendNote({ scores }: Pick<Props, 'scores'>) {
  const { signed, words } = scaleOf(scores)
  return (
    <p className="text-xs text-ink-3">
      {scores.unit}
      {signed && endsOf(scores)} <span aria-hidden>·</span> {words}
      {scores.given > 0 && (
        <>
          {' '}
          <span aria-hidden>·</span> given the present{' '}
          {scores.given === 1 ? 'cut' : `${scores.given} cuts`}
        </>
      )}
    </p>
  )
}
