import { memo } from 'react'
import type { HeadMark } from '@/lib/headKinds'
import { MethodMark } from '@/ui/MethodMark'
import { KindMark } from '@/ui/KindMark'
import { cx } from '@/ui/cx'

type Props = {
  row: number
  col: number
  label: string
  /** Null when the site is intact. */
  method: string | null
  strength: number
  /** It is cut at some positions only. */
  partly: boolean
  /** The colour of its score, from lib/shade. */
  colour: string | undefined
  tabStop: boolean
  /** It is part of what the grid holds: cut, or chosen. */
  selected: boolean
  /** It is of the circuit. */
  chosen: boolean
  /** The head looked at. */
  inspected: boolean
  mlp: boolean
  /** The kinds of heads it is of. */
  marks: readonly HeadMark[] | undefined
}

/** As many as have room. */
const MOST_MARKS = 3

/** A cell fills as far as its cut goes; what goes the other way is hatched. */
function fillOf(strength: number): string {
  if (strength < 0) {
    return 'repeating-linear-gradient(45deg, var(--cut) 0 3px, var(--ablated-soft) 3px 6px)'
  }
  const share = Math.round(Math.min(1, strength) * 100)
  return `linear-gradient(to top, var(--cut) ${share}%, var(--ablated-soft) ${share}%)`
}

/** One head, or the MLP, of a layer. The grid around it listens; the cell only shows. */
export const GridCell = memo(function GridCell(props: Props) {
  const { row, col, label, method, strength, partly, colour, tabStop, selected, inspected, mlp } =
    props
  const { marks, chosen } = props
  const cut = method !== null
  const whole = strength >= 1
  return (
    <div
      role="gridcell"
      aria-label={label}
      aria-selected={selected}
      tabIndex={tabStop ? 0 : -1}
      data-row={row}
      data-col={col}
      data-cell=""
      data-picture-fill
      style={{ background: !cut ? colour : whole ? undefined : fillOf(strength) }}
      className={cx(
        'relative grid aspect-square min-w-0 sm:max-lg:aspect-[3/2] lg:aspect-[4/3] place-items-center rounded-[4px]',
        'hover:ring-2 hover:ring-ink/45 focus-visible:z-10 focus-visible:outline-offset-1',
        // What is touched is as high as the row's name; for a room a cell fills its row.
        'lg:pointer-coarse:aspect-auto! lg:pointer-coarse:h-full',
        'lg:in-data-large:aspect-auto! lg:in-data-large:h-full',
        mlp && 'ml-1.5 aspect-auto! h-full rounded-full!',
        !cut && (chosen ? 'bg-control-soft' : 'bg-(--seq-lo)'),
        chosen && 'shadow-[inset_0_0_0_2.5px_var(--control)]',
        cut && whole && 'bg-cut text-on-cut',
        cut && !whole && 'text-ink ring-1 ring-cut',
        inspected && 'ring-2 ring-ink ring-offset-1 ring-offset-surface',
      )}
    >
      {cut && <MethodMark method={method} className="h-[68%] max-h-5 in-data-large:max-h-9" />}
      {marks && (
        <span aria-hidden className="absolute inset-x-px bottom-px flex justify-center -space-x-px">
          {marks.slice(0, MOST_MARKS).map(({ title, shape, weak }) => (
            <KindMark key={title} shape={shape} weak={weak} className="size-[9px]" />
          ))}
        </span>
      )}
      {cut && partly && (
        <span aria-hidden className="absolute top-0.5 right-0.5 size-1.5 rounded-full bg-current" />
      )}
    </div>
  )
})
