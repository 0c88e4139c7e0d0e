import { memo } from 'react'
import { MethodMark } from '@/ui/MethodMark'
import { cx } from '@/ui/cx'
import type { AblationMethod } from '@/lib/heads'

type Props = {
  layer: number
  head: number
  label: string
  /** Null when the head is intact. */
  method: AblationMethod | null
  /** The colour of its score, from lib/shade. */
  colour: string | undefined
  tabStop: boolean
  /** The head whose attention pattern is shown below. */
  inspected: boolean
}

/** One head. The grid around it listens; the cell only shows. */
export const HeadCell = memo(function HeadCell(props: Props) {
  const { layer, head, label, method, colour, tabStop, inspected } = props
  return (
    <div
      role="gridcell"
      aria-label={label}
      aria-selected={method !== null}
      tabIndex={tabStop ? 0 : -1}
      data-row={layer}
      data-col={head}
      data-cell=""
      style={method === null ? { background: colour } : undefined}
      className={cx(
        'grid aspect-square min-w-0 lg:aspect-[3/2] place-items-center rounded-[4px] transition-[background-color,box-shadow] duration-75',
        'hover:ring-2 hover:ring-ink/45 focus-visible:z-10 focus-visible:outline-offset-1',
        method === null ? 'bg-(--seq-lo)' : 'bg-cut text-on-cut',
        inspected && 'ring-2 ring-ink ring-offset-1 ring-offset-surface',
      )}
    >
      {method !== null && <MethodMark method={method} className="h-[68%] max-h-5" />}
    </div>
  )
})
