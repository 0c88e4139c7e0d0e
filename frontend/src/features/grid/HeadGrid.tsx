import { useRef, useState, type FocusEvent, type KeyboardEvent, type MouseEvent } from 'react'
import { between, toggleHeads, withHeads, type Cuts } from '@/lib/cuts'
import { cutOf, sameHead, type AblationMethod, type GridShape, type Head } from '@/lib/heads'
import {
  cellName,
  fraction,
  isSigned,
  largest,
  rootOf,
  valueAt,
  type ScoreTable,
} from '@/lib/scores'
import { diverging, sequential } from '@/lib/shade'
import { cx } from '@/ui/cx'
import { HeadCell } from './HeadCell'
import { HeadersOfColumns, RowHeader } from './GridHeaders'
import { move, type Place } from './keys'
import { headOf, usePainting } from './usePainting'

type Props = {
  shape: GridShape
  cuts: Cuts
  /** What the next cut does. */
  method: AblationMethod
  scores: ScoreTable | null
  /** The scores are of an earlier question and shown only until the new ones are there. */
  stale: boolean
  inspected: Head | null
  onCutsChange: (cuts: Cuts, touched: Head) => void
  onInspect: (head: Head) => void
  /** The head under the pointer or the focus. */
  onPoint: (head: Head | null) => void
}

const range = (length: number) => Array.from({ length }, (_, i) => i)

export function HeadGrid(props: Props) {
  const { shape, cuts, method, scores, stale, inspected, onCutsChange, onInspect, onPoint } = props
  const grid = useRef<HTMLDivElement>(null)
  const [tabStop, setTabStop] = useState<Place>({ row: 0, col: 0 })
  const [anchor, setAnchor] = useState<Head>({ layer: 0, head: 0 })

  const change = (next: Cuts, touched: Head) => {
    setAnchor(touched)
    onCutsChange(next, touched)
  }
  const painting = usePainting({ cuts, method, anchor, onCutsChange: change })
  const toggle = (head: Head) => change(toggleHeads(cuts, [head], method), head)

  const most = scores ? largest(scores) : 0
  const colourOf = (head: Head) => {
    const value = valueAt(scores, head)
    if (value === null || !scores) return undefined
    const place = fraction(value, most, rootOf(scores.method))
    return isSigned(scores.method) ? diverging(place) : sequential(place)
  }

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const head = headOf(event.target as Element)
    if (head && event.key === ' ') toggle(head)
    else if (head && event.key === 'Enter' && !event.ctrlKey && !event.metaKey) onInspect(head)
    else {
      const place = event.altKey || event.metaKey ? null : move(tabStop, event, shape)
      if (!place) return
      if (event.shiftKey && head && place.row >= 0 && place.col >= 0) {
        const reached = { layer: place.row, head: place.col }
        onCutsChange(withHeads(cuts, between(anchor, reached), method), reached)
      }
      grid.current
        ?.querySelector<HTMLElement>(`[data-row="${place.row}"][data-col="${place.col}"]`)
        ?.focus()
    }
    event.preventDefault()
  }

  function onFocus(event: FocusEvent<HTMLDivElement>) {
    const { row, col } = (event.target as HTMLElement).dataset
    if (row !== undefined && col !== undefined) setTabStop({ row: Number(row), col: Number(col) })
    onPoint(headOf(event.target))
  }

  // A press of assistive technology comes as a click alone, without a pointer.
  function onClick(event: MouseEvent) {
    const head = headOf(event.target as Element)
    if (head && event.detail === 0) toggle(head)
  }

  const columns = `minmax(1.5rem, auto) repeat(${shape.nHeads}, minmax(1.375rem, 1fr))`
  return (
    <div
      ref={grid}
      role="grid"
      aria-label="Attention heads, a row for each layer"
      aria-multiselectable
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      onBlur={() => onPoint(null)}
      onClick={onClick}
      onPointerOver={(event) => onPoint(headOf(event.target as Element))}
      onPointerLeave={() => onPoint(null)}
      {...painting.handlers}
      className={cx(
        'grid touch-pan-y gap-0.5 sm:gap-[3px] overflow-x-auto p-1 -m-1 select-none transition-opacity',
        stale && 'opacity-55',
      )}
    >
      <HeadersOfColumns
        shape={shape}
        columns={columns}
        tabStop={tabStop}
        onToggle={(heads) => change(toggleHeads(cuts, heads, method), heads[0] ?? anchor)}
      />
      {range(shape.nLayers).map((layer) => (
        <div
          key={layer}
          role="row"
          className="grid items-center gap-0.5 sm:gap-[3px]"
          style={{ gridTemplateColumns: columns }}
        >
          <RowHeader
            layer={layer}
            shape={shape}
            tabStop={tabStop.row === layer && tabStop.col === -1}
            onToggle={(heads) => change(toggleHeads(cuts, heads, method), heads[0] ?? anchor)}
          />
          {range(shape.nHeads).map((head) => {
            const cell = { layer, head }
            const cut = cutOf(painting.preview, cell)
            return (
              <HeadCell
                key={head}
                layer={layer}
                head={head}
                label={cellName(cell, scores, cut)}
                method={cut?.method ?? null}
                colour={colourOf(cell)}
                tabStop={tabStop.row === layer && tabStop.col === head}
                inspected={sameHead(inspected, cell)}
              />
            )
          })}
        </div>
      ))}
    </div>
  )
}
