import { useCallback, useState, type CSSProperties } from 'react'

const margin = 8

type Box = { top: number; bottom: number; left: number; width: number }

/** Below the anchor where there is room, above otherwise; never outside the window. */
export function placeBeside(
  anchor: Box,
  size: { width: number; height: number },
  view: { width: number; height: number },
): { left: number; top: number } {
  const centred = anchor.left + anchor.width / 2 - size.width / 2
  const left = Math.max(margin, Math.min(centred, view.width - size.width - margin))
  const below = anchor.bottom + 6
  const above = anchor.top - 6 - size.height
  const top = below + size.height + margin <= view.height || above < margin ? below : above
  return { left, top }
}

/** A ref for a panel that is placed by its styles: shifts it sideways to be within the window. */
export function shiftIntoView(panel: HTMLElement | null) {
  if (!panel) return
  const { left, right } = panel.getBoundingClientRect()
  const most = document.documentElement.clientWidth - margin
  const shift = left < margin ? margin - left : Math.min(0, most - right)
  panel.style.translate = `${shift}px 0`
}

const hidden: CSSProperties = { position: 'fixed', left: 0, top: 0, visibility: 'hidden' }

/**
 * Style and ref for an element floating beside `anchor`. The ref measures the element as it
 * appears, before the first paint, so that no effect has to keep two states in step.
 */
export function useFloating(anchor: () => Element | null) {
  const [style, setStyle] = useState<CSSProperties>(hidden)
  const ref = useCallback(
    (element: HTMLElement | null) => {
      const from = anchor()
      if (!element || !from) return
      const { left, top } = placeBeside(
        from.getBoundingClientRect(),
        element.getBoundingClientRect(),
        { width: document.documentElement.clientWidth, height: window.innerHeight },
      )
      setStyle({ position: 'fixed', left, top })
    },
    // The anchor getter reads a ref; measuring happens once for each time the element appears.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [],
  )
  return { ref, style }
}
