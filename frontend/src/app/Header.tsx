import type { ReactNode } from 'react'
import { cx } from '@/ui/cx'

type Props = {
  /** The ways to the other views. */
  menu: ReactNode
  /** What belongs to the view: its model, the way back, what takes the result along. */
  bar: ReactNode
  /** What concerns the reader: help, theme. */
  aside: ReactNode
  className?: string
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

export function Header({ menu, bar, aside, className }: Props) {
  return (
    <header className={cx('flex flex-wrap items-center gap-2 py-2', className)}>
      <div className="mr-2 flex items-center gap-2.5 max-sm:order-1 max-sm:mr-0">
        <Mark />
        <div className="max-sm:sr-only lg:max-xl:sr-only">
          <h1 className="text-lg leading-tight font-semibold tracking-tight">Attention Surgery</h1>
          <p className="hidden text-xs text-ink-3 2xl:block">Cut a head. See what it was for.</p>
        </div>
      </div>
      <div className="order-4 w-full empty:hidden sm:order-none sm:w-auto">{menu}</div>
      {/* A line of its own on a tablet; on a phone the model, its first part, stands beside the mark. */}
      <div className="contents *:order-5 *:first:order-2 sm:order-5 sm:flex sm:w-full sm:min-w-0 sm:items-center sm:gap-2 sm:*:order-none! lg:order-none lg:w-auto lg:flex-1">
        {bar}
      </div>
      <div className="order-3 ml-auto flex items-center gap-1 sm:order-none">{aside}</div>
    </header>
  )
}
