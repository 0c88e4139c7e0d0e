import { LegendMark } from '@/charts/LegendMark'
import { visible } from '@/lib/format'
import { cx } from '@/ui/cx'

type Props = {
  text: string
  /** The colour of its lines, a theme variable. */
  color: string
  /** Its probability in both runs at the layer being read. */
  reading: string
  note: string | null
  shown: boolean
  onToggle: () => void
}

/** A token of the chart: legend, reading, and switch of its two lines. */
export function TokenChip({ text, color, reading, note, shown, onToggle }: Props) {
  return (
    <button
      type="button"
      aria-pressed={shown}
      onClick={onToggle}
      className={cx(
        'tabular flex h-7 items-center gap-1.5 rounded-full border px-2.5 transition-colors pointer-coarse:h-10',
        shown ? 'border-line-strong text-ink' : 'border-dashed border-line text-ink-3',
      )}
    >
      <LegendMark color={color} mark="line" />
      <span className="font-mono">{visible(text)}</span>
      <span>{reading}</span>
      {note && <span className="text-ink-3">{note}</span>}
    </button>
  )
}
