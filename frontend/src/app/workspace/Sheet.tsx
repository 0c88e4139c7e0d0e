import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react'
import { Button } from '@/ui/Button'
import { cx } from '@/ui/cx'

type Props = {
  open: boolean
  onOpen: (open: boolean) => void
  /** Always in view, at the sheet's upper edge. */
  strip: ReactNode
  children: ReactNode
}

/** On a phone the result sticks to the lower edge, and the panels come up from there. */
export function Sheet({ open, onOpen, strip, children }: Props) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'Escape' || !open || event.defaultPrevented) return
    event.stopPropagation()
    onOpen(false)
    button.current?.focus()
  }
  return (
    // Escape puts the sheet away from wherever the focus is inside.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      onKeyDown={onKeyDown}
      className="fixed inset-x-0 bottom-0 z-30 flex max-h-[78dvh] flex-col rounded-t-2xl border-t border-line bg-surface shadow-float"
    >
      {/* What is pressed stands still at the lower edge, however many lines the result takes. */}
      <div className="flex items-end gap-2 px-3 py-2 sm:items-center">
        <div className="min-w-0 flex-1">{strip}</div>
        <Button
          ref={button}
          size="small"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => onOpen(!open)}
        >
          {open ? 'Close' : 'Details'}
        </Button>
      </div>
      <div id={id} className={cx('min-h-0', open ? 'h-[58dvh]' : 'hidden')}>
        {open && children}
      </div>
    </div>
  )
}
