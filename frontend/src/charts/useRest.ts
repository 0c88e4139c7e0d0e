import { useCallback, useState } from 'react'

/**
 * How high a chart may be for it and what stands around it to fill a place, followed as that
 * changes. `ref` is the place's, which has a height of its own and holds the chart's frame alone.
 */
export function useRest(least: number) {
  const [height, setHeight] = useState(least)
  const ref = useCallback(
    (place: HTMLElement | null) => {
      const frame = place?.firstElementChild
      if (!place || !frame || typeof ResizeObserver === 'undefined') return
      const observer = new ResizeObserver(() => {
        const rest = place.clientHeight - frame.clientHeight
        setHeight((now) => Math.max(least, Math.floor(now + rest)))
      })
      observer.observe(place)
      observer.observe(frame)
      return () => observer.disconnect()
    },
    [least],
  )
  return { ref, height }
}
