import type { ReactNode } from 'react'

/** What belongs here and how to get it. */
export function EmptyNote({ children }: { children: ReactNode }) {
  return (
    <p className="rounded-lg border border-dashed border-line px-4 py-6 text-center text-sm text-pretty text-ink-3">
      {children}
    </p>
  )
}
