import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { Button } from './Button'
import { cx } from './cx'
import { shiftIntoView } from './useFloating'

type Props = {
  /** The button's content. */
  label: ReactNode
  /** What the button does, where its content alone does not say. */
  name?: string
  look?: 'secondary' | 'quiet'
  align?: 'left' | 'right'
  /** As high as a text field beside it. */
  tall?: boolean
  /** The panel below; `close` puts it away. */
  children: (close: () => void) => ReactNode
  className?: string
}

/** A button that opens a panel below itself; Escape and leaving close it. */
export function Menu({ label, name, look, align = 'right', tall, children, className }: Props) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  const close = () => setOpen(false)

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'Escape' || !open) return
    event.stopPropagation()
    close()
    button.current?.focus()
  }

  return (
    // The wrapper only listens for what its children do.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={cx('relative', className)}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) close()
      }}
    >
      <Button
        ref={button}
        look={look ?? 'secondary'}
        className={cx('max-w-full min-w-0', tall && 'h-11!')}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={name}
        onClick={() => setOpen(!open)}
      >
        {label}
        <span aria-hidden className="text-[0.625rem] text-ink-3">
          ▾
        </span>
      </Button>
      {open && (
        <>
          {/* A press anywhere else closes, as menus do. */}
          <div aria-hidden className="fixed inset-0 z-30" onPointerDown={close} />
          <div
            id={id}
            ref={shiftIntoView}
            className={cx(
              'absolute top-full z-40 mt-1.5 max-h-[70vh] w-max max-w-[min(26rem,calc(100vw-2rem))] overflow-y-auto rounded-lg border border-line bg-surface p-1.5 shadow-float',
              align === 'right' ? 'right-0' : 'left-0',
            )}
          >
            {children(close)}
          </div>
        </>
      )}
    </div>
  )
}
