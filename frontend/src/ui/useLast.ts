import { useState } from 'react'

/** The value, or while there is none the last there was; forgotten when `key` changes. */
export function useLast<T>(value: T | null, key: string): T | null {
  const [last, setLast] = useState<{ value: T; key: string } | null>(null)
  // Kept while rendering: an effect would show one picture without it.
  if (value !== null && (last === null || last.value !== value || last.key !== key)) {
    setLast({ value, key })
  }
  return value ?? (last?.key === key ? last.value : null)
}
