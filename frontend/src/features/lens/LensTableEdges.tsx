import { visible } from '@/lib/format'
import { cx } from '@/ui/cx'

/** Brings a column into view if it is not, and leaves the page where it is. */
function reveal(header: HTMLElement | null) {
  const scroller = header?.closest<HTMLElement>('[data-scroller]')
  if (!header || !scroller) return
  const { offsetLeft, offsetWidth } = header
  const { scrollLeft, clientWidth } = scroller
  const seen = offsetLeft > scrollLeft + 60 && offsetLeft + offsetWidth < scrollLeft + clientWidth
  if (!seen) scroller.scrollLeft = offsetLeft - clientWidth / 2
}

type HeadProps = {
  /** What each position reads. */
  tokens: readonly string[]
  positions: readonly number[]
  chosen: number
}

/** The tokens that are read, one per column. */
export function LensTableHead({ tokens, positions, chosen }: HeadProps) {
  return (
    <thead>
      <tr>
        <th
          scope="col"
          className="sticky top-0 left-0 z-20 bg-surface px-2 text-left font-sans font-normal text-ink-3"
        >
          reads
        </th>
        {tokens.map((token, column) => (
          <th
            key={positions[column]}
            scope="col"
            ref={column === chosen ? reveal : undefined}
            title={`position ${positions[column]}`}
            className={cx(
              'sticky top-0 z-10 max-w-24 min-w-14 truncate border-b-2 px-1.5 py-1.5 text-left',
              column === chosen
                ? 'border-ink bg-ink font-bold text-surface'
                : 'border-line bg-surface font-normal text-ink-2',
            )}
          >
            {visible(token)}
          </th>
        ))}
      </tr>
    </thead>
  )
}

type FootProps = {
  /** What the text really has after each position. */
  tokens: readonly string[]
  chosen: number
}

/** The tokens that come next, to hold the predictions against. */
export function LensTableFoot({ tokens, chosen }: FootProps) {
  return (
    <tfoot>
      <tr>
        <th
          scope="row"
          className="sticky bottom-0 left-0 z-20 border-t-2 border-line bg-surface px-2 py-1.5 text-left font-sans font-normal text-ink-3"
        >
          next
        </th>
        {tokens.map((token, column) => (
          <td
            key={column}
            className={cx(
              'sticky bottom-0 z-10 max-w-24 truncate border-t-2 border-line px-1.5 py-1.5',
              column === chosen ? 'bg-ink font-bold text-surface' : 'bg-surface text-ink-2',
            )}
          >
            {visible(token)}
          </td>
        ))}
      </tr>
    </tfoot>
  )
}

/** The name of a layer, marked where heads are cut in it. */
export function LayerHead({
  name,
  cut,
  highlighted,
}: {
  name: string
  cut: boolean
  highlighted: boolean
}) {
  return (
    <th
      scope="row"
      className={cx(
        'sticky left-0 z-10 border-r border-line bg-surface px-2 text-left font-sans whitespace-nowrap',
        highlighted ? 'font-bold text-ink' : 'font-normal text-ink-2',
      )}
    >
      {name}
      {cut && (
        <span className="ml-1 font-bold text-ablated" title="Heads are cut in this layer">
          ×<span className="sr-only"> heads cut</span>
        </span>
      )}
    </th>
  )
}
