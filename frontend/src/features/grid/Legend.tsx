import { formatOf, type GridLayer } from '@/lib/layer'
import { scaleOf } from '@/lib/scale'
import { diverging, sequential } from '@/lib/shade'

type Props = {
  layer: GridLayer
  /** The value under the pointer, marked on the scale. */
  value: number | null
}

/** Steps of the ramp: a picture of the grid draws them one by one. */
const STEPS = 48

const ramp = (signed: boolean) =>
  Array.from({ length: STEPS }, (_, i) => {
    const share = i / (STEPS - 1)
    return signed ? diverging(2 * share - 1) : sequential(share)
  })

/** The colours of the grid with the numbers of both ends and of the middle. */
export function Legend({ layer, value }: Props) {
  const { place, signed, ticks } = scaleOf(layer)
  const at = value === null ? null : place(value)
  const left = at === null ? 0 : signed ? (at + 1) / 2 : Math.abs(at)
  return (
    <div className="text-xs text-ink-3">
      <div className="relative flex h-2.5 rounded-sm">
        {ramp(signed).map((background, i) => (
          <span
            key={i}
            aria-hidden
            data-picture-fill
            className="flex-1 first:rounded-l-sm last:rounded-r-sm"
            style={{ background }}
          />
        ))}
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
          <span key={i} data-picture-text>
            {formatOf(layer)(tick)}
          </span>
        ))}
      </div>
    </div>
  )
}

/** What the numbers of the legend are, and of which model. */
export function legendWords(layer: GridLayer): string[] {
  const meaning = [layer.unit, layer.ends].filter(Boolean).join(', ')
  return [meaning, scaleOf(layer).words, ...(layer.notes ?? [])].filter((part): part is string =>
    Boolean(part),
  )
}

export function LegendNote({ layer }: Pick<Props, 'layer'>) {
  return (
    <p className="text-xs text-ink-3">
      {legendWords(layer).map((part, i) => (
        <span key={part}>
          {i > 0 && <span aria-hidden> · </span>}
          {part}
        </span>
      ))}
    </p>
  )
}
