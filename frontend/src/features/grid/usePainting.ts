import { useState, type PointerEvent } from 'react'
import { between, cutOf, withHeads, withoutHeads, type Cuts, type Effect } from '@/lib/cuts'
import { sameHead, type GridShape, type Site } from '@/lib/heads'
import { placeOf, siteAt, siteOf, type Place } from './keys'

type Stroke = { erase: boolean; sites: Site[] }

type Options = {
  cuts: Cuts
  brush: Effect
  shape: GridShape
  /** Where Shift extends from. */
  anchor: Site
  onCutsChange: (cuts: Cuts, touched: Site) => void
}

/** Places between two samples of a fast pointer, so that a stroke has no holes. */
export function line(from: Place, to: Place): Place[] {
  const steps = Math.max(Math.abs(to.row - from.row), Math.abs(to.col - from.col))
  return Array.from({ length: steps }, (_, i) => {
    const t = (i + 1) / steps
    return {
      row: Math.round(from.row + t * (to.row - from.row)),
      col: Math.round(from.col + t * (to.col - from.col)),
    }
  })
}

const painted = (cuts: Cuts, { erase, sites }: Stroke, brush: Effect): Cuts =>
  erase ? withoutHeads(cuts, sites) : withHeads(cuts, sites, brush)

/**
 * A press toggles, a drag paints what the press did, Shift cuts the rectangle from the anchor.
 * The whole stroke is one change: it is shown while it grows and handed over at its end.
 */
export function usePainting({ cuts, brush, shape, anchor, onCutsChange }: Options) {
  const [stroke, setStroke] = useState<Stroke | null>(null)

  function onPointerDown(event: PointerEvent<HTMLElement>) {
    const site = siteOf(event.target as Element, shape)
    if (!site || event.button !== 0) return
    event.currentTarget.setPointerCapture?.(event.pointerId)
    setStroke(
      event.shiftKey
        ? { erase: false, sites: between(anchor, site) }
        : { erase: cutOf(cuts, site) !== undefined, sites: [site] },
    )
  }

  function onPointerMove(event: PointerEvent<HTMLElement>) {
    const last = stroke?.sites.at(-1)
    if (!stroke || !last || event.shiftKey) return
    // Within a shadow tree the document knows only whose tree it is.
    const tree = event.currentTarget.getRootNode() as Document | ShadowRoot
    const site = siteOf(tree.elementFromPoint(event.clientX, event.clientY), shape)
    if (!site || sameHead(site, last)) return
    const passed = line(placeOf(last, shape), placeOf(site, shape))
      .map((place) => siteAt(place, shape))
      .filter((between) => between !== null)
    setStroke({ ...stroke, sites: [...stroke.sites, ...passed] })
  }

  function onPointerUp() {
    const last = stroke?.sites.at(-1)
    if (!stroke || !last) return
    setStroke(null)
    onCutsChange(painted(cuts, stroke, brush), last)
  }

  return {
    /** The cuts as they will be when the pointer is lifted. */
    preview: stroke ? painted(cuts, stroke, brush) : cuts,
    handlers: {
      onPointerDown,
      onPointerMove,
      onPointerUp,
      // A touch that turns into scrolling paints nothing.
      onPointerCancel: () => setStroke(null),
    },
  }
}
