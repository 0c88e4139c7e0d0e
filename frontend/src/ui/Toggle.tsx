import type { ReactNode } from 'react'

type Props = { label: ReactNode; checked: boolean; onChange: (checked: boolean) => void }

/** A labelled check box. */
export function Toggle({ label, checked, onChange }: Props) {
  return (
    <label className="inline-flex cursor-pointer items-center gap-2 text-sm text-ink-2 pointer-coarse:min-h-11">
      <input
        type="checkbox"
        className="size-4 accent-(--accent)"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      {label}
    </label>
  )
}
