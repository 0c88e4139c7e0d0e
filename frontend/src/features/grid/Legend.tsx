import { formatOf, type GridLayer } from '@/lib/layer'
import { scaleOf } from '@/lib/scale'

type Props = {
  layer: GridLayer
  /** The value under the pointer, marked on the scale. */
  value: number | null
}

const ramps = {
  sequential: 'linear-gradient(in oklab to right, var(--seq-lo), var(--seq-hi))',
  diverging:
    'linear-gradient(in oklab to right, var(--div-neg), var(--div-mid) 50%, var(--div-pos))',
}

/** The colours of the grid with the numbers of both ends and of the middle. */
export function Legend({ layer, value }: Props) {
  const { place, signed, ticks } = scaleOf(layer)
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
          <span key={i}>{formatOf(layer)(tick)}</span>
        ))}
      </div>
    </div>
  )
}

/** What the numbers of the legend are, and of which model. */
export function LegendNote({ layer }: Pick<Props, 'layer'>) {
  const { words } = scaleOf(layer)
  const meaning = [layer.unit, layer.ends].filter(Boolean).join(', ')
  return (
    <p className="text-xs text-ink-3">
      {[meaning, words, ...(layer.notes ?? [])].filter(Boolean).map((part, i) => (
        <span key={part}>
          {i > 0 && <span aria-hidden> · </span>}
          {part}
        </span>
      ))}
    </p>
  )
}
