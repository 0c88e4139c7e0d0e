import {
  useMemo,
  useRef,
  useState,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
} from 'react'
import { cutOf, type Cuts } from '@/lib/cuts'
import type { HeadMarks } from '@/lib/headKinds'
import { headName, sameHead, type GridShape, type Head, type Site } from '@/lib/heads'
import { cellName, valueAt, type GridLayer } from '@/lib/layer'
import { scaleOf } from '@/lib/scale'
import { diverging, sequential } from '@/lib/shade'
import { cx } from '@/ui/cx'
import { GridCell } from './GridCell'
import { HeadersOfColumns, RowHeader } from './GridHeaders'
import { move, placeOf, siteAt, siteOf, type Place } from './keys'
import type { GridTool } from './tools'

type Props = {
  /** Names the grid to screen readers. */
  label: string
  shape: GridShape
  /** Beside the heads stand the layers' MLPs, as something that can be chosen too. */
  hasMlps?: boolean
  /** What colours it. */
  layer: GridLayer | null
  /** The numbers are of an earlier question and shown only until the new ones are there. */
  stale: boolean
  /** Marked on the cells. */
  cuts: Cuts
  /** Names of the heads of a circuit, framed; null where the grid shows none. */
  chosen?: ReadonlySet<string> | null
  /** What kinds of heads they are. */
  marks?: HeadMarks | null
  /** The head looked at. */
  inspected: Head | null
  /** What a press does. */
  tool: GridTool
  /** The site under the pointer or the focus. */
  onPoint: (site: Site | null) => void
}

const range = (length: number) => Array.from({ length }, (_, i) => i)

/** What colours a site by its number. */
function useColours(layer: GridLayer | null) {
  return useMemo(() => {
    const scale = layer && scaleOf(layer)
    return (site: Site) => {
      const value = valueAt(layer, site)
      if (value === null || !scale) return undefined
      return scale.signed ? diverging(scale.place(value)) : sequential(scale.place(value))
    }
  }, [layer])
}

/** Every head of every layer, and where they count the layers' MLPs beside them. */
export function HeadGrid(props: Props) {
  const { label, shape, layer, stale, cuts, marks = null, inspected, tool, onPoint } = props
  const { chosen = null, hasMlps = true } = props
  const grid = useRef<HTMLDivElement>(null)
  const [tabStop, setTabStop] = useState<Place>({ row: 0, col: 0 })
  const colourOf = useColours(layer)

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const site = siteOf(event.target as Element, shape)
    if (site && event.key === ' ') tool.press([site])
    else if (site && event.key === 'Enter' && !event.ctrlKey && !event.metaKey) tool.open(site)
    else {
      const place = event.altKey || event.metaKey ? null : move(tabStop, event, shape, hasMlps)
      if (!place) return
      const reached = siteAt(place, shape)
      if (event.shiftKey && site && reached) tool.extend?.(reached)
      grid.current
        ?.querySelector<HTMLElement>(`[data-row="${place.row}"][data-col="${place.col}"]`)
        ?.focus()
    }
    event.preventDefault()
  }

  function onFocus(event: FocusEvent<HTMLDivElement>) {
    const { row, col } = (event.target as HTMLElement).dataset
    if (row !== undefined && col !== undefined) setTabStop({ row: Number(row), col: Number(col) })
    onPoint(siteOf(event.target, shape))
  }

  // A press of assistive technology comes as a click alone, without a pointer.
  function onClick(event: MouseEvent) {
    const site = siteOf(event.target as Element, shape)
    if (site && (!tool.handlers || event.detail === 0)) tool.press([site])
  }

  const cell = (site: Site) => {
    const cut = cutOf(cuts, site)
    const { row, col } = placeOf(site, shape)
    const isInspected = sameHead(inspected, site)
    const isChosen = chosen?.has(headName(site)) ?? false
    return (
      <GridCell
        key={col}
        row={row}
        col={col}
        label={cellName(site, layer, cut, marks) + (isChosen ? ', in the circuit' : '')}
        method={cut?.method ?? null}
        strength={cut?.strength ?? 1}
        partly={cut?.positions !== undefined}
        colour={colourOf(site)}
        tabStop={tabStop.row === row && tabStop.col === col}
        selected={chosen ? isChosen : tool.many ? cut !== undefined : isInspected}
        chosen={isChosen}
        inspected={isInspected}
        mlp={site.head === null}
        marks={marks?.get(headName(site))}
      />
    )
  }

  // Names are measured in their own type, so that those of every row are as wide.
  const columns = `minmax(2em, auto) repeat(${shape.nHeads}, minmax(1.125rem, 1fr))${hasMlps ? ' minmax(2.5em, 1fr)' : ''}`
  const onLine = tool.many ? tool.press : null
  return (
    <div
      ref={grid}
      role="grid"
      aria-label={label}
      aria-multiselectable={tool.many}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      onBlur={() => onPoint(null)}
      onClick={onClick}
      onPointerOver={(event) => onPoint(siteOf(event.target as Element, shape))}
      onPointerLeave={() => onPoint(null)}
      {...tool.handlers}
      className={cx(
        'grid touch-pan-y gap-px text-xs sm:gap-[3px] overflow-x-auto p-1 -m-1 select-none',
        // For a room the rows share the height that is left.
        'lg:in-data-large:h-full lg:in-data-large:auto-rows-fr lg:in-data-large:grid-rows-[auto]',
        stale && 'opacity-55',
      )}
    >
      <HeadersOfColumns
        shape={shape}
        hasMlps={hasMlps}
        columns={columns}
        tabStop={tabStop}
        onToggle={onLine}
      />
      {range(shape.nLayers).map((row) => (
        <div
          key={row}
          role="row"
          className="grid items-center gap-px sm:gap-[3px] lg:in-data-large:items-stretch"
          style={{ gridTemplateColumns: columns }}
        >
          <RowHeader
            layer={row}
            shape={shape}
            tabStop={tabStop.row === row && tabStop.col === -1}
            onToggle={onLine}
          />
          {range(shape.nHeads).map((head) => cell({ layer: row, head }))}
          {hasMlps && cell({ layer: row, head: null })}
        </div>
      ))}
    </div>
  )
}
