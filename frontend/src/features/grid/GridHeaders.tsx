import type { GridShape, Head } from '@/lib/heads'
import type { Place } from './keys'

const look =
  'h-5 w-full rounded font-mono text-xs text-ink-3 transition-colors hover:bg-sunken hover:text-ink pointer-coarse:h-7'

type ColumnProps = {
  shape: GridShape
  columns: string
  tabStop: Place
  onToggle: (heads: Head[]) => void
}

/** One button above each column: cuts or restores this head index in every layer. */
export function HeadersOfColumns({ shape, columns, tabStop, onToggle }: ColumnProps) {
  return (
    <div role="row" className="grid gap-0.5 sm:gap-[3px]" style={{ gridTemplateColumns: columns }}>
      <span role="columnheader" className="sr-only">
        Layer
      </span>
      <span aria-hidden />
      {Array.from({ length: shape.nHeads }, (_, head) => (
        <span role="columnheader" key={head}>
          <button
            type="button"
            className={look}
            aria-label={`Head ${head} of every layer`}
            title={`Cut or restore head ${head} of every layer`}
            tabIndex={tabStop.row === -1 && tabStop.col === head ? 0 : -1}
            data-row={-1}
            data-col={head}
            onClick={() =>
              onToggle(Array.from({ length: shape.nLayers }, (_, layer) => ({ layer, head })))
            }
          >
            {head}
          </button>
        </span>
      ))}
    </div>
  )
}

type RowProps = {
  layer: number
  shape: GridShape
  tabStop: boolean
  onToggle: (heads: Head[]) => void
}

/** The button before each row: cuts or restores the whole layer. */
export function RowHeader({ layer, shape, tabStop, onToggle }: RowProps) {
  return (
    <span role="rowheader">
      <button
        type="button"
        className={look}
        aria-label={`Every head of layer ${layer}`}
        title={`Cut or restore every head of layer ${layer}`}
        tabIndex={tabStop ? 0 : -1}
        data-row={layer}
        data-col={-1}
        onClick={() =>
          onToggle(Array.from({ length: shape.nHeads }, (_, head) => ({ layer, head })))
        }
      >
        L{layer}
      </button>
    </span>
  )
}
