import type { Token } from '@/api/types'
import { visibleAt } from '@/lib/format'
import type { Column } from '@/lib/pair'
import { cx } from '@/ui/cx'

type Props = { columns: readonly Column<Token>[] }

/** Both prompts as the model reads them, position under position; what differs stands out. */
export function PairTokens({ columns }: Props) {
  return (
    <div className="flex min-w-0 items-start gap-2">
      <div aria-hidden className="grid gap-0.5 pt-px text-xs leading-5 text-ink-3">
        <span className="text-control">clean</span>
        <span className="text-ablated">corrupt</span>
      </div>
      <ol
        aria-label="Tokens of both prompts, one position after the other"
        // A scrolling list must be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="flex max-h-36 min-w-0 flex-wrap gap-x-0.5 gap-y-1.5 overflow-y-auto"
      >
        {columns.map((column, index) => (
          <Position key={index} column={column} index={index} />
        ))}
      </ol>
    </div>
  )
}

const piece = 'block rounded-[3px] px-1 text-center font-mono text-xs leading-5 whitespace-pre'

function Position({
  column: { clean, corrupt, differs },
  index,
}: {
  column: Column<Token>
  index: number
}) {
  if (!differs) {
    return (
      <li title={`Position ${index}, the same in both`} className="grid">
        <span className={cx(piece, 'flex items-center bg-sunken text-ink-3')}>
          {visibleAt(clean?.text ?? '', index)}
        </span>
      </li>
    )
  }
  return (
    <li title={`Position ${index} differs`} className="grid gap-0.5">
      <span
        className={cx(
          piece,
          'bg-control-soft font-medium text-control ring-1 ring-control/40 ring-inset',
        )}
      >
        <span className="sr-only">clean </span>
        {clean ? visibleAt(clean.text, index) : '–'}
      </span>
      <span
        className={cx(
          piece,
          'bg-ablated-soft font-medium text-ablated ring-1 ring-ablated/40 ring-inset',
        )}
      >
        <span className="sr-only">corrupt </span>
        {corrupt ? visibleAt(corrupt.text, index) : '–'}
      </span>
    </li>
  )
}
