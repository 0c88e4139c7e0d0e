import { useCallback, useState, type KeyboardEvent } from 'react'
import { visible } from '@/lib/format'
import { tokenText, type Lens } from '@/lib/lens'
import type { LensCell } from '@/lib/lensCells'
import { cx } from '@/ui/cx'
import { LensTableCell } from './LensTableCell'

type Place = { layer: number; column: number }

type Props = {
  lens: Lens & { prompt_tokens: readonly { text: string }[] }
  /** [layer][column] */
  cells: readonly (readonly LensCell[])[]
  /** Column of the chosen position; −1 where it is not in the window. */
  chosen: number
  cutLayers: readonly number[]
  highlighted: number | null
  onRead: (place: Place | null) => void
  onSelect: (column: number) => void
}

const MOVES: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

const clamp = (value: number, last: number) => Math.min(Math.max(value, 0), last)

/** Brings a column into the middle of its scroller, and leaves the page where it is. */
function centre(header: HTMLElement | null) {
  const scroller = header?.closest<HTMLElement>('[data-scroller]')
  if (header && scroller) scroller.scrollLeft = header.offsetLeft - scroller.clientWidth / 2
}

/** One grid with one tab stop: arrows walk over the cells, Enter chooses the position. */
export function LensTable(props: Props) {
  const { lens, cells, chosen, cutLayers, highlighted, onRead, onSelect } = props
  const { layers, positions } = lens
  const [cursor, setCursor] = useState<Place | null>(null)
  const home: Place = cursor ?? { layer: layers.length - 1, column: Math.max(0, chosen) }
  const stop = {
    layer: clamp(home.layer, layers.length - 1),
    column: clamp(home.column, positions.length - 1),
  }
  const centred = useCallback((header: HTMLElement | null) => centre(header), [])

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const ends: Record<string, Place> = {
      Home: { ...stop, column: 0 },
      End: { ...stop, column: positions.length - 1 },
    }
    const move = MOVES[event.key]
    const next = move
      ? {
          layer: clamp(stop.layer + move[0], layers.length - 1),
          column: clamp(stop.column + move[1], positions.length - 1),
        }
      : ends[event.key]
    if (event.key === 'Enter' || event.key === ' ') onSelect(stop.column)
    else if (!next) return
    else {
      setCursor(next)
      event.currentTarget
        .querySelector<HTMLElement>(`[data-place="${next.layer},${next.column}"]`)
        ?.focus()
    }
    event.preventDefault()
  }

  const tokenHead = (column: number) =>
    visible(lens.prompt_tokens[positions[column] ?? 0]?.text ?? '')

  return (
    <div
      data-scroller
      className="max-h-[36rem] overflow-auto rounded-lg border border-line"
      onPointerLeave={() => onRead(null)}
    >
      <table
        // A table walked by arrow keys is a grid, as WAI-ARIA's own pattern has it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role
        role="grid"
        aria-label="Logit lens, layers by positions"
        onKeyDown={onKeyDown}
        className="border-separate border-spacing-0 font-mono text-[11px]"
      >
        <thead>
          <tr>
            <th
              scope="col"
              className="sticky top-0 left-0 z-20 bg-surface px-2 text-left font-sans font-normal text-ink-3"
            >
              reads
            </th>
            {positions.map((position, column) => (
              <th
                key={position}
                scope="col"
                ref={column === chosen ? centred : undefined}
                className={cx(
                  'sticky top-0 z-10 max-w-24 min-w-14 truncate border-b-2 px-1.5 py-1.5 text-left',
                  column === chosen
                    ? 'border-ink bg-ink font-bold text-surface'
                    : 'border-line bg-surface font-normal text-ink-2',
                )}
                title={`position ${position}`}
              >
                {tokenHead(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map((row, layer) => (
            <tr key={layers[layer]}>
              <th
                scope="row"
                className={cx(
                  'sticky left-0 z-10 border-r border-line bg-surface px-2 text-left font-sans whitespace-nowrap',
                  highlighted === layer ? 'font-bold text-ink' : 'font-normal text-ink-2',
                )}
              >
                {layers[layer]}
                {cutLayers.includes(layer) && (
                  <span className="ml-1 font-bold text-ablated" title="Heads are cut in this layer">
                    ×<span className="sr-only"> heads cut</span>
                  </span>
                )}
              </th>
              {row.map((cell, column) => (
                <LensTableCell
                  key={column}
                  cell={cell}
                  place={`${layer},${column}`}
                  chosen={column === chosen}
                  stop={layer === stop.layer && column === stop.column}
                  onRead={() => onRead({ layer, column })}
                  onFocus={() => setCursor({ layer, column })}
                  onSelect={() => onSelect(column)}
                />
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th
              scope="row"
              className="sticky bottom-0 left-0 z-20 border-t-2 border-line bg-surface px-2 py-1.5 text-left font-sans font-normal text-ink-3"
            >
              next
            </th>
            {positions.map((position, column) => (
              <td
                key={position}
                className={cx(
                  'sticky bottom-0 z-10 max-w-24 truncate border-t-2 border-line px-1.5 py-1.5',
                  column === chosen ? 'bg-ink font-bold text-surface' : 'bg-surface text-ink-2',
                )}
              >
                {visible(tokenText(lens, lens.targets[column] ?? -1))}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  )
}
