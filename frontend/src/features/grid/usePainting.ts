import { useState, type PointerEvent } from 'react'
import { between, withHeads, withoutHeads, type Cuts } from '@/lib/cuts'
import { cutOf, sameHead, type AblationMethod, type Head } from '@/lib/heads'

type Stroke = { erase: boolean; heads: Head[] }

type Options = {
  cuts: Cuts
  method: AblationMethod
  /** Where Shift extends from. */
  anchor: Head
  onCutsChange: (cuts: Cuts, touched: Head) => void
}

export function headOf(element: Element | null): Head | null {
  const cell = element?.closest<HTMLElement>('[data-cell]')
  return cell ? { layer: Number(cell.dataset['row']), head: Number(cell.dataset['col']) } : null
}

/** Cells between two samples of a fast pointer, so that a stroke has no holes. */
export function line(from: Head, to: Head): Head[] {
  const steps = Math.max(Math.abs(to.layer - from.layer), Math.abs(to.head - from.head))
  return Array.from({ length: steps }, (_, i) => {
    const t = (i + 1) / steps
    return {
      layer: Math.round(from.layer + t * (to.layer - from.layer)),
      head: Math.round(from.head + t * (to.head - from.head)),
    }
  })
}

const painted = (cuts: Cuts, { erase, heads }: Stroke, method: AblationMethod): Cuts =>
  erase ? withoutHeads(cuts, heads) : withHeads(cuts, heads, method)

/**
 * A press toggles, a drag paints what the press did, Shift cuts the rectangle from the anchor.
 * The whole stroke is one change: it is shown while it grows and handed over at its end.
 */
export function usePainting({ cuts, method, anchor, onCutsChange }: Options) {
  const [stroke, setStroke] = useState<Stroke | null>(null)

  function onPointerDown(event: PointerEvent<HTMLElement>) {
    const head = headOf(event.target as Element)
    if (!head || event.button !== 0) return
    event.currentTarget.setPointerCapture?.(event.pointerId)
    setStroke(
      event.shiftKey
        ? { erase: false, heads: between(anchor, head) }
        : { erase: cutOf(cuts, head) !== undefined, heads: [head] },
    )
  }

  function onPointerMove(event: PointerEvent<HTMLElement>) {
    const last = stroke?.heads.at(-1)
    if (!stroke || !last || event.shiftKey) return
    const head = headOf(document.elementFromPoint(event.clientX, event.clientY))
    if (!head || sameHead(head, last)) return
    setStroke({ ...stroke, heads: [...stroke.heads, ...line(last, head)] })
  }

  function onPointerUp() {
    const last = stroke?.heads.at(-1)
    if (!stroke || !last) return
    setStroke(null)
    onCutsChange(painted(cuts, stroke, method), last)
  }

  return {
    /** The cuts as they will be when the pointer is lifted. */
    preview: stroke ? painted(cuts, stroke, method) : cuts,
    handlers: {
      onPointerDown,
      onPointerMove,
      onPointerUp,
      // A touch that turns into scrolling paints nothing.
      onPointerCancel: () => setStroke(null),
    },
  }
}
