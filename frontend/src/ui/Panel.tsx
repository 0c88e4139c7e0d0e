import { useId, type ReactNode } from 'react'
import { cx } from './cx'

type Props = {
  title: ReactNode
  /** The content shows its own title; this one only names the region. */
  titleHidden?: boolean
  /** Beside the title: controls that act on this panel. */
  actions?: ReactNode
  /** One quiet line under the title. */
  note?: ReactNode
  children: ReactNode
  className?: string
}

/** A titled region of the page; its heading names it to screen readers. */
export function Panel({ title, titleHidden, actions, note, children, className }: Props) {
  const id = useId()
  return (
    <section
      aria-labelledby={id}
      className={cx('min-w-0 rounded-xl border border-line bg-surface p-3 sm:p-5', className)}
    >
      <header
        className={
          titleHidden
            ? 'sr-only'
            : 'mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2'
        }
      >
        <div className="min-w-0">
          <h2 id={id} className="text-[0.9375rem] font-semibold tracking-tight text-ink">
            {title}
          </h2>
          {note && <p className="text-xs text-ink-3">{note}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </section>
  )
}
