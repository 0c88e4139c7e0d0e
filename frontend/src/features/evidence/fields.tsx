import type { ReactNode } from 'react'

export const FIELD =
  'h-9 w-full rounded-md border border-line-strong bg-surface px-2 text-sm text-ink pointer-coarse:h-11'

type Props = { label: string; note?: string; children: ReactNode }

/** A control of the form under its name. */
export function Labelled({ label, note, children }: Props) {
  return (
    <div className="min-w-0">
      <p className="mb-1 text-xs text-ink-2">{label}</p>
      {children}
      {note && <p className="mt-0.5 text-xs text-pretty text-ink-3">{note}</p>}
    </div>
  )
}
