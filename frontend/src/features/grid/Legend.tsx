import { number } from '@/lib/format'
import { fraction, isSigned, largest, rootOf, type ScoreTable } from '@/lib/scores'

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

/** The colours of the grid with their numbers; on a root's scale, so the middle is an eighth or a quarter. */
export function Legend({ scores, value }: Props) {
  const most = largest(scores)
  const root = rootOf(scores.method)
  const signed = isSigned(scores.method)
  const place = value === null ? null : fraction(value, most, root)
  const left = place === null ? 0 : signed ? (place + 1) / 2 : Math.abs(place)
  const ticks = signed ? [-most, 0, most] : [0, most / 2 ** root, most]
  return (
    <div className="text-xs text-ink-3">
      <div
        className="relative h-2.5 rounded-sm"
        style={{ background: signed ? ramps.diverging : ramps.sequential }}
      >
        {place !== null && (
          <span
            aria-hidden
            className="absolute -top-1 h-4.5 w-[3px] -translate-x-1/2 rounded-full bg-ink ring-2 ring-surface"
            style={{ left: `${left * 100}%` }}
          />
        )}
      </div>
      <div className="tabular mt-1 flex justify-between">
        {ticks.map((tick, i) => (
          <span key={i}>{number(tick)}</span>
        ))}
      </div>
    </div>
  )
}

/** What the numbers of the legend are. */
export const LegendNote = ({ scores }: Pick<Props, 'scores'>) => (
  <p className="text-xs text-ink-3">
    {scores.unit}
    {isSigned(scores.method) ? ', − hurts · helps +' : ''} <span aria-hidden>·</span>{' '}
    {rootOf(scores.method) === 3 ? 'cube' : 'square'}-root scale
  </p>
)
