import type { KeyboardEvent, ReactNode } from 'react'

type Props = {
  /** What is browsed, e.g. "KL per token". */
  label: string
  count: number
  /** The item under the cursor; null before the first one is touched. */
  index: number | null
  onMove: (index: number) => void
  /** Enter or space. */
  onOpen?: (index: number) => void
  /** The item in words, for screen readers. */
  textOf: (index: number) => string
  children: ReactNode
  className?: string
}

const STEPS: Record<string, number> = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  PageUp: 10,
  PageDown: -10,
}

/** One tab stop around a chart: arrows walk over its items, each is read aloud, Enter opens it. */
export function Cursor(props: Props) {
  const { label, count, index, onMove, onOpen, textOf, children, className } = props
  const now = Math.min(index ?? 0, count - 1)

  function onKeyDown(event: KeyboardEvent) {
    const opens = onOpen && (event.key === 'Enter' || event.key === ' ')
    const step = STEPS[event.key]
    const ends: Record<string, number> = { Home: 0, End: count - 1 }
    const next = step === undefined ? ends[event.key] : index === null ? 0 : index + step
    if (!opens && next === undefined) return
    event.preventDefault()
    if (opens) onOpen(now)
    else onMove(Math.min(Math.max(next ?? 0, 0), count - 1))
  }

  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, count - 1)}
      aria-valuenow={Math.max(0, now)}
      aria-valuetext={count > 0 ? textOf(now) : undefined}
      onKeyDown={onKeyDown}
      onFocus={() => index === null && count > 0 && onMove(0)}
      className={className}
    >
      {children}
    </div>
  )
}
