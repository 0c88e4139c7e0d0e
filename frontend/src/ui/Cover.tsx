import type { ReactNode } from 'react'

type Props = {
  /** The content is of an earlier question. */
  when: boolean
  /** Says so. */
  note: string
  /** What makes it current again. */
  action?: ReactNode
  /** Only after a moment, where the new content usually comes at once. */
  soon?: boolean
  children: ReactNode
}

/** Covers what is stale, so that nobody reads an old number under a new name. */
export function Cover({ when, note, action, soon = false, children }: Props) {
  return (
    <div className="relative">
      <div inert={when && !soon}>{children}</div>
      {when && (
        <div
          className={`absolute -inset-1 z-10 flex items-start justify-center rounded-lg bg-surface/90 pt-8 ${soon ? 'animate-cover' : ''}`}
        >
          <div
            role="status"
            className="sticky top-8 flex flex-wrap items-center justify-center gap-2 rounded-lg border border-line bg-surface px-3 py-2 text-[0.8125rem] text-ink-2 shadow-float"
          >
            {note}
            {action}
          </div>
        </div>
      )}
    </div>
  )
}
