import { useCallback, useState } from 'react'

/** The width of an element, followed as it changes; `fallback` until it is known. */
export function useWidth(fallback = 640) {
  const [width, setWidth] = useState(fallback)
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element || typeof ResizeObserver === 'undefined') return
    const observer = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) setWidth(Math.floor(entry.contentRect.width))
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return { ref, width }
}
