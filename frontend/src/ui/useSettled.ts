import { useEffect, useState } from 'react'

/** The value as it was when nothing changed for `wait` milliseconds. Values are compared by identity. */
export function useSettled<T>(value: T, wait: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), wait)
    return () => clearTimeout(timer)
  }, [value, wait])
  return settled
}
