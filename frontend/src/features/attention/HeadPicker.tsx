import type { Cuts } from '@/lib/cuts'
import { headName, isHead, sameHead, type GridShape, type Head } from '@/lib/heads'
import { cx } from '@/ui/cx'

type Props = {
  shape: GridShape
  head: Head
  /** Offered as short cuts. */
  cuts: Cuts
  onPick: (head: Head) => void
}

type SelectProps = { label: string; count: number; value: number; onChange: (n: number) => void }

function NumberSelect({ label, count, value, onChange }: SelectProps) {
  return (
    <label className="flex items-center gap-1.5 text-xs text-ink-2">
      {label}
      <select
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
        className="tabular h-8 rounded-md border border-line-strong bg-surface px-1.5 text-sm text-ink pointer-coarse:h-11"
      >
        {Array.from({ length: count }, (_, n) => (
          <option key={n} value={n}>
            {n}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Which head is looked at: any by layer and number, the cut ones by name. */
export function HeadPicker({ shape, head, cuts, onPick }: Props) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <NumberSelect
        label="Layer"
        count={shape.nLayers}
        value={head.layer}
        onChange={(layer) => onPick({ ...head, layer })}
      />
      <NumberSelect
        label="Head"
        count={shape.nHeads}
        value={head.head}
        onChange={(number) => onPick({ ...head, head: number })}
      />
      {cuts.length > 0 && (
        <div role="group" aria-label="Cut heads" className="flex flex-wrap items-center gap-1">
          <span className="text-xs text-ink-3">cut:</span>
          {cuts
            .filter(isHead)
            .slice(0, 12)
            .map((cut) => (
              <button
                key={headName(cut)}
                type="button"
                aria-pressed={sameHead(cut, head)}
                onClick={() => onPick({ layer: cut.layer, head: cut.head })}
                className={cx(
                  'tabular h-7 rounded-full border px-2 text-xs pointer-coarse:h-10',
                  sameHead(cut, head)
                    ? 'border-cut bg-ablated-soft font-semibold text-ink'
                    : 'border-line text-ink-2 hover:border-line-strong',
                )}
              >
                {headName(cut)}
              </button>
            ))}
        </div>
      )}
    </div>
  )
}
