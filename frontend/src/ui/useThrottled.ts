import { useEffect, useEffectEvent, useState } from 'react'

/** The value as it was at most `wait` milliseconds ago, while `active`; else as it is. */
export function useThrottled<T>(value: T, wait: number, active: boolean): T {
  const [shown, setShown] = useState(value)
  const follow = useEffectEvent(() => setShown(value))
  useEffect(() => {
    if (!active) return
    const first = setTimeout(follow)
    const timer = setInterval(follow, wait)
    return () => {
      clearTimeout(first)
      clearInterval(timer)
    }
  }, [active, wait])
  return active ? shown : value
}
