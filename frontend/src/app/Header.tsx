import type { ReactNode } from 'react'

type Props = { picker: ReactNode; actions: ReactNode }

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className="size-7 shrink-0">
      <g fill="var(--ink)">
        <rect x="3" y="3" width="7.4" height="7.4" rx="1.6" opacity=".85" />
        <rect x="12.3" y="3" width="7.4" height="7.4" rx="1.6" opacity=".35" />
        <rect x="21.6" y="3" width="7.4" height="7.4" rx="1.6" opacity=".6" />
        <rect x="3" y="12.3" width="7.4" height="7.4" rx="1.6" opacity=".4" />
        <rect x="21.6" y="12.3" width="7.4" height="7.4" rx="1.6" opacity=".25" />
        <rect x="3" y="21.6" width="7.4" height="7.4" rx="1.6" opacity=".65" />
        <rect x="12.3" y="21.6" width="7.4" height="7.4" rx="1.6" opacity=".3" />
        <rect x="21.6" y="21.6" width="7.4" height="7.4" rx="1.6" opacity=".85" />
      </g>
      <rect x="12.3" y="12.3" width="7.4" height="7.4" rx="1.6" fill="var(--cut)" />
      <path d="M6.5 25.5 25.5 6.5" stroke="var(--cut)" strokeWidth="1.8" strokeLinecap="round" />
    </svg>
  )
}

export function Header({ picker, actions }: Props) {
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="flex items-center gap-2.5">
        <Mark />
        <div>
          <h1 className="text-lg leading-tight font-semibold tracking-tight">Attention Surgery</h1>
          <p className="hidden text-xs text-ink-3 lg:block">Cut a head. See what it was for.</p>
        </div>
      </div>
      {picker}
      <div className="ml-auto flex flex-wrap items-center gap-1.5">{actions}</div>
    </header>
  )
}
