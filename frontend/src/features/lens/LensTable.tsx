import { useState, type KeyboardEvent } from 'react'
import { tokenText, type Lens } from '@/lib/lens'
import type { LensCell } from '@/lib/lensCells'
import { LensTableFoot, LensTableHead } from './LensTableEdges'
import { LensTableRow } from './LensTableRow'

export type Place = { readonly layer: number; readonly column: number }

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
        className="border-separate border-spacing-0 font-mono text-xs"
      >
        <LensTableHead
          tokens={positions.map((position) => lens.prompt_tokens[position]?.text ?? '')}
          positions={positions}
          chosen={chosen}
        />
        <tbody>
          {cells.map((row, layer) => (
            <LensTableRow
              key={layers[layer]}
              name={layers[layer] ?? ''}
              layer={layer}
              cells={row}
              chosen={chosen}
              stop={layer === stop.layer ? stop.column : null}
              cut={cutLayers.includes(layer)}
              highlighted={highlighted === layer}
              onRead={onRead}
              onFocus={setCursor}
              onSelect={onSelect}
            />
          ))}
        </tbody>
        <LensTableFoot
          tokens={positions.map((_, column) => tokenText(lens, lens.targets[column] ?? -1))}
          chosen={chosen}
        />
      </table>
    </div>
  )
}
