import type { ReactNode } from 'react'

type Props = {
  /** Which model answers. */
  picker: ReactNode
  /** What concerns the reader: help, theme. */
  aside: ReactNode
  /** What takes the experiment along. */
  actions: ReactNode
}

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

export function Header({ picker, aside, actions }: Props) {
  return (
    <header className="grid grid-cols-[1fr_auto] items-center gap-2 py-2 sm:flex">
      <div className="mr-2 flex items-center gap-2.5">
        <Mark />
        <div>
          <h1 className="text-lg leading-tight font-semibold tracking-tight">Attention Surgery</h1>
          <p className="hidden text-xs text-ink-3 2xl:block">Cut a head. See what it was for.</p>
        </div>
      </div>
      <div className="order-3 min-w-0 sm:order-none sm:flex-1">{picker}</div>
      <div className="ml-auto flex items-center gap-1">{aside}</div>
      <div className="order-4 flex items-center gap-2 sm:order-none">{actions}</div>
    </header>
  )
}
