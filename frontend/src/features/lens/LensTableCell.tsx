import type { LensCell } from '@/lib/lensCells'
import { cx } from '@/ui/cx'

type Props = {
  cell: LensCell
  /** "layer,column", by which the grid finds it. */
  place: string
  chosen: boolean
  /** The grid's one tab stop. */
  stop: boolean
  onRead: () => void
  onFocus: () => void
  onSelect: () => void
}

/** The first choice of one layer at one position. */
export function LensTableCell({ cell, place, chosen, stop, onRead, onFocus, onSelect }: Props) {
  return (
    <td
      role="gridcell"
      tabIndex={stop ? 0 : -1}
      data-place={place}
      aria-label={cell.label}
      aria-selected={chosen}
      style={cell.shade}
      onClick={onSelect}
      onPointerEnter={onRead}
      onFocus={() => {
        onFocus()
        onRead()
      }}
      className={cx(
        'h-6 max-w-24 min-w-14 truncate px-1.5 -outline-offset-2',
        chosen && 'border-x-2 border-ink',
        cell.differs && 'font-bold underline decoration-dotted underline-offset-2',
      )}
    >
      {cell.text}
    </td>
  )
}
