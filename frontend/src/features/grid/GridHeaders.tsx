import type { GridShape, Site } from '@/lib/heads'
import type { Place } from './keys'

const look =
  'h-5 w-full rounded font-mono text-xs whitespace-nowrap text-ink-3 transition-colors hover:bg-sunken hover:text-ink pointer-coarse:h-7 low:pointer-coarse:h-6'

const label = 'grid h-5 place-items-center font-mono text-xs whitespace-nowrap text-ink-3'

const column = ({ nLayers }: GridShape, head: number | null): Site[] =>
  Array.from({ length: nLayers }, (_, layer) => ({ layer, head }))

type ColumnProps = {
  shape: GridShape
  /** Beside the heads stand the MLPs. */
  hasMlps: boolean
  columns: string
  tabStop: Place
  /** Null where a press does nothing: then it is a name alone. */
  onToggle: ((sites: Site[]) => void) | null
}

/** One button above each column: cuts or restores this head index, or the MLP, in every layer. */
export function HeadersOfColumns(props: ColumnProps) {
  const { shape, hasMlps, columns, tabStop, onToggle } = props
  const heads: (number | null)[] = Array.from({ length: shape.nHeads }, (_, head) => head)
  return (
    <div role="row" className="grid gap-px sm:gap-[3px]" style={{ gridTemplateColumns: columns }}>
      <span role="columnheader" className="sr-only">
        Layer
      </span>
      <span aria-hidden />
      {(hasMlps ? [...heads, null] : heads).map((head, col) => {
        const name = head === null ? 'The MLP' : `Head ${head}`
        return (
          <span role="columnheader" key={col} className={head === null ? 'ml-1.5' : undefined}>
            {onToggle ? (
              <button
                type="button"
                className={look}
                aria-label={`${name} of every layer`}
                title={`Cut or restore ${name.replace('The', 'the')} of every layer`}
                tabIndex={tabStop.row === -1 && tabStop.col === col ? 0 : -1}
                data-row={-1}
                data-col={col}
                onClick={() => onToggle(column(shape, head))}
              >
                {head ?? 'MLP'}
              </button>
            ) : (
              <span className={label} data-picture-text>
                {head ?? 'MLP'}
              </span>
            )}
          </span>
        )
      })}
    </div>
  )
}

type RowProps = {
  layer: number
  shape: GridShape
  tabStop: boolean
  onToggle: ((sites: Site[]) => void) | null
}

/** The button before each row: cuts or restores all heads of the layer. */
export function RowHeader({ layer, shape, tabStop, onToggle }: RowProps) {
  return (
    <span role="rowheader" className="grid items-center">
      {onToggle ? (
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
      ) : (
        <span className={label} data-picture-text>
          L{layer}
        </span>
      )}
    </span>
  )
}
