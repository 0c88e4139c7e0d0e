import { memo } from 'react'
import type { LensCell } from '@/lib/lensCells'
import type { Place } from './LensTable'
import { LensTableCell } from './LensTableCell'
import { LayerHead } from './LensTableEdges'

type Props = {
  /** Of the layer. */
  name: string
  layer: number
  cells: readonly LensCell[]
  /** Column of the chosen position. */
  chosen: number
  /** Column of the grid's one tab stop, where it is in this row. */
  stop: number | null
  cut: boolean
  highlighted: boolean
  onRead: (place: Place) => void
  onFocus: (place: Place) => void
  onSelect: (column: number) => void
}

/** What one layer would say at every position; drawn again only where something of it changed. */
export const LensTableRow = memo(function LensTableRow(props: Props) {
  const { name, layer, cells, chosen, stop, cut, highlighted, onRead, onFocus, onSelect } = props
  return (
    <tr>
      <LayerHead name={name} cut={cut} highlighted={highlighted} />
      {cells.map((cell, column) => (
        <LensTableCell
          key={column}
          cell={cell}
          place={`${layer},${column}`}
          chosen={column === chosen}
          stop={column === stop}
          onRead={() => onRead({ layer, column })}
          onFocus={() => onFocus({ layer, column })}
          onSelect={() => onSelect(column)}
        />
      ))}
    </tr>
  )
})
