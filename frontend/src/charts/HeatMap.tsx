import { useCallback, useId, type KeyboardEvent, type PointerEvent } from 'react'
import { cssColor, useThemeColors } from './useThemeColors'
import {
  drawHeatMap,
  layoutOf,
  type HeatAxis,
  type HeatLayout,
  type HeatValues,
} from './heatDrawing'

export type HeatCell = { readonly row: number; readonly column: number }

type Props = {
  /** Names the map to screen readers. */
  label: string
  /** Rows may end before the last column: a causal map has columns 0…i in row i. */
  values: HeatValues
  rows: HeatAxis
  columns: HeatAxis
  /** Where a value stands on the scale of colours: 0 to 1, or −1 to 1 where they have a sign. */
  place: (value: number) => number
  signed?: boolean
  /** The cell read; shared by maps side by side. */
  active: HeatCell | null
  onActive: (cell: HeatCell | null) => void
  /** Enter or a click on a cell. */
  onOpen?: (cell: HeatCell) => void
  textOf: (cell: HeatCell) => string
  width: number
}

const MOVES: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

const clamp = (value: number, last: number) => Math.min(Math.max(value, 0), last)

/** The nearest cell there is. */
function nearest(values: HeatValues, row: number, column: number): HeatCell {
  const inside = clamp(row, values.length - 1)
  return { row: inside, column: clamp(column, (values[inside]?.length ?? 1) - 1) }
}

function cellAt(event: PointerEvent, layout: HeatLayout, values: HeatValues): HeatCell | null {
  const box = event.currentTarget.getBoundingClientRect()
  const row = Math.floor((event.clientY - box.top - layout.top) / layout.cellHeight)
  const column = Math.floor((event.clientX - box.left - layout.left) / layout.cellWidth)
  return column >= 0 && column < (values[row]?.length ?? 0) ? { row, column } : null
}

const THEME = ['--seq-lo', '--seq-hi', '--div-neg', '--div-mid', '--div-pos', '--ink-3'] as const

/** A heat map on a canvas: as fast with 512 rows as with 5; arrow keys read its cells. */
export function HeatMap(props: Props) {
  const { label, values, rows, columns, place, signed = false, active, textOf, width } = props
  const { onActive, onOpen } = props
  const id = useId()
  const theme = useThemeColors(THEME)
  const layout = layoutOf(rows, columns, width)
  const key = `${THEME.map((name) => cssColor(theme[name])).join(';')};${width}`

  const draw = useCallback(
    (canvas: HTMLCanvasElement | null) => {
      const ramp = signed
        ? ([theme['--div-neg'], theme['--div-mid'], theme['--div-pos']] as const)
        : ([theme['--seq-lo'], theme['--seq-hi']] as const)
      const heat = { values, rows, columns, colours: { place, ramp }, ink: theme['--ink-3'] }
      if (canvas) drawHeatMap(canvas, heat, layoutOf(rows, columns, width))
    },
    // The theme's colours are new objects each time; their text is what counts.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [values, rows, columns, place, signed, key],
  )

  function onKeyDown(event: KeyboardEvent) {
    const from = active ?? nearest(values, values.length - 1, 0)
    if (event.key === 'Enter' && onOpen && active) onOpen(active)
    else {
      const ends: Record<string, HeatCell> = {
        Home: { ...from, column: 0 },
        End: nearest(values, from.row, columns.labels.length),
      }
      const move = MOVES[event.key]
      const next = move
        ? active
          ? nearest(values, from.row + move[0], from.column + move[1])
          : from
        : ends[event.key]
      if (!next) return
      onActive(next)
    }
    event.preventDefault()
  }

  return (
    <div
      role="grid"
      tabIndex={0}
      aria-label={`${label}. Arrow keys read the cells.`}
      aria-rowcount={values.length}
      aria-colcount={columns.labels.length}
      aria-activedescendant={active ? id : undefined}
      onKeyDown={onKeyDown}
      onFocus={() => active === null && onActive(nearest(values, values.length - 1, 0))}
      onPointerMove={(event) => onActive(cellAt(event, layout, values))}
      onPointerDown={(event) => onActive(cellAt(event, layout, values))}
      onPointerLeave={(event) => event.pointerType === 'mouse' && onActive(null)}
      onClick={() => active && onOpen?.(active)}
      className="relative cursor-crosshair rounded-md"
      style={{ width: layout.width, height: layout.height }}
    >
      <canvas ref={draw} aria-hidden style={{ width: layout.width, height: layout.height }} />
      <div role="row" aria-rowindex={(active?.row ?? 0) + 1}>
        <div id={id} role="gridcell" aria-colindex={(active?.column ?? 0) + 1} className="sr-only">
          {active ? textOf(active) : ''}
        </div>
      </div>
      {active && (
        <Crosshair cell={active} layout={layout} length={values[active.row]?.length ?? 0} />
      )}
    </div>
  )
}

type CrosshairProps = { cell: HeatCell; layout: HeatLayout; length: number }

/** The cell being read and its row, drawn over the canvas. */
function Crosshair({ cell: { row, column }, layout, length }: CrosshairProps) {
  const { cellWidth, cellHeight, left, top } = layout
  const [width, height] = [Math.max(cellWidth, 5), Math.max(cellHeight, 5)]
  return (
    <>
      <div
        aria-hidden
        className="pointer-events-none absolute border-y border-ink/50"
        style={{
          left,
          top: top + row * cellHeight,
          width: length * cellWidth,
          height: Math.max(cellHeight, 2),
        }}
      />
      <div
        aria-hidden
        className="pointer-events-none absolute border-2 border-ink shadow-[0_0_0_1px_var(--surface)]"
        style={{
          left: left + column * cellWidth - (width - cellWidth) / 2,
          top: top + row * cellHeight - (height - cellHeight) / 2,
          width,
          height,
        }}
      />
    </>
  )
}
