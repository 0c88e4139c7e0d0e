import {
  useMemo,
  useRef,
  useState,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
} from 'react'
import { between, cutOf, toggleHeads, withHeads, type Cuts, type Effect } from '@/lib/cuts'
import { isHead, sameHead, type GridShape, type Head, type Site } from '@/lib/heads'
import { scaleOf } from '@/lib/scale'
import { cellName, valueAt, type ScoreTable } from '@/lib/scores'
import { diverging, sequential } from '@/lib/shade'
import { cx } from '@/ui/cx'
import { GridCell } from './GridCell'
import { HeadersOfColumns, RowHeader } from './GridHeaders'
import { move, placeOf, siteAt, type Place } from './keys'
import { siteOf, usePainting } from './usePainting'

type Props = {
  shape: GridShape
  cuts: Cuts
  /** What the next cut does. */
  brush: Effect
  scores: ScoreTable | null
  /** The scores are of an earlier question and shown only until the new ones are there. */
  stale: boolean
  inspected: Head | null
  onCutsChange: (cuts: Cuts, touched: Site) => void
  onInspect: (head: Head) => void
  /** The site under the pointer or the focus. */
  onPoint: (site: Site | null) => void
}

const range = (length: number) => Array.from({ length }, (_, i) => i)

/** What colours a site by its score. */
function useColours(scores: ScoreTable | null) {
  return useMemo(() => {
    const scale = scores && scaleOf(scores)
    return (site: Site) => {
      const value = valueAt(scores, site)
      if (value === null || !scale) return undefined
      return scale.signed ? diverging(scale.place(value)) : sequential(scale.place(value))
    }
  }, [scores])
}

/** Every head of every layer, and the layers' MLPs beside them. */
export function HeadGrid(props: Props) {
  const { shape, cuts, brush, scores, stale, inspected, onCutsChange, onInspect, onPoint } = props
  const grid = useRef<HTMLDivElement>(null)
  const [tabStop, setTabStop] = useState<Place>({ row: 0, col: 0 })
  const [anchor, setAnchor] = useState<Site>({ layer: 0, head: 0 })
  const colourOf = useColours(scores)

  const change = (next: Cuts, touched: Site) => {
    setAnchor(touched)
    onCutsChange(next, touched)
  }
  const painting = usePainting({ cuts, brush, shape, anchor, onCutsChange: change })
  const toggle = (sites: readonly Site[]) =>
    change(toggleHeads(cuts, sites, brush), sites[0] ?? anchor)

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const site = siteOf(event.target as Element, shape)
    if (site && event.key === ' ') toggle([site])
    else if (site && event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      if (isHead(site)) onInspect(site)
    } else {
      const place = event.altKey || event.metaKey ? null : move(tabStop, event, shape)
      if (!place) return
      const reached = siteAt(place, shape)
      if (event.shiftKey && site && reached) {
        onCutsChange(withHeads(cuts, between(anchor, reached), brush), reached)
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
    onPoint(siteOf(event.target, shape))
  }

  // A press of assistive technology comes as a click alone, without a pointer.
  function onClick(event: MouseEvent) {
    const site = siteOf(event.target as Element, shape)
    if (site && event.detail === 0) toggle([site])
  }

  const cell = (site: Site) => {
    const cut = cutOf(painting.preview, site)
    const { row, col } = placeOf(site, shape)
    return (
      <GridCell
        key={col}
        row={row}
        col={col}
        label={cellName(site, scores, cut)}
        method={cut?.method ?? null}
        strength={cut?.strength ?? 1}
        partly={cut?.positions !== undefined}
        colour={colourOf(site)}
        tabStop={tabStop.row === row && tabStop.col === col}
        inspected={sameHead(inspected, site)}
        mlp={!isHead(site)}
      />
    )
  }

  const columns = `minmax(1.5rem, auto) repeat(${shape.nHeads}, minmax(1.25rem, 1fr)) minmax(1.5rem, 1fr)`
  return (
    <div
      ref={grid}
      role="grid"
      aria-label="Attention heads, a row for each layer, and its MLP"
      aria-multiselectable
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      onBlur={() => onPoint(null)}
      onClick={onClick}
      onPointerOver={(event) => onPoint(siteOf(event.target as Element, shape))}
      onPointerLeave={() => onPoint(null)}
      {...painting.handlers}
      className={cx(
        'grid touch-pan-y gap-px sm:gap-[3px] overflow-x-auto p-1 -m-1 select-none transition-opacity',
        stale && 'opacity-55',
      )}
    >
      <HeadersOfColumns shape={shape} columns={columns} tabStop={tabStop} onToggle={toggle} />
      {range(shape.nLayers).map((layer) => (
        <div
          key={layer}
          role="row"
          className="grid items-center gap-px sm:gap-[3px]"
          style={{ gridTemplateColumns: columns }}
        >
          <RowHeader
            layer={layer}
            shape={shape}
            tabStop={tabStop.row === layer && tabStop.col === -1}
            onToggle={toggle}
          />
          {range(shape.nHeads).map((head) => cell({ layer, head }))}
          {cell({ layer, head: null })}
        </div>
      ))}
    </div>
  )
}
