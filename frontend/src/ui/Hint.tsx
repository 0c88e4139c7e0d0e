import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useFloating } from './useFloating'

type Props = {
  /** What is shown on hover and focus; phrasing content. */
  content: ReactNode
  /** The trigger; must spread the props it is given on a focusable element. */
  children: (trigger: { 'aria-describedby': string | undefined }) => ReactNode
}

function Bubble({
  id,
  anchor,
  children,
}: {
  id: string
  anchor: () => Element | null
  children: ReactNode
}) {
  const { ref, style } = useFloating(anchor)
  return (
    <span
      id={id}
      ref={ref}
      role="tooltip"
      style={style}
      className="z-50 block w-max max-w-[min(20rem,calc(100vw-1rem))] rounded-lg border border-line bg-surface p-3 text-left text-xs font-normal tracking-normal whitespace-normal text-ink-2 shadow-float"
    >
      {children}
    </span>
  )
}

/** Explains its trigger on hover, focus and tap; Escape puts it away; the pointer may enter it. */
export function Hint({ content, children }: Props) {
  const id = useId()
  const wrapper = useRef<HTMLSpanElement>(null)
  const [open, setOpen] = useState(false)
  const close = () => setOpen(false)

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'Escape' || !open) return
    event.stopPropagation()
    close()
  }

  return (
    // The wrapper only listens for what its focusable child does.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <span
      ref={wrapper}
      className="relative inline-block"
      onPointerEnter={(event) => event.pointerType !== 'touch' && setOpen(true)}
      onPointerLeave={(event) => event.pointerType !== 'touch' && close()}
      onFocus={() => setOpen(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) close()
      }}
      onKeyDown={onKeyDown}
    >
      {children({ 'aria-describedby': open ? id : undefined })}
      {open && (
        <Bubble id={id} anchor={() => wrapper.current}>
          {content}
        </Bubble>
      )}
    </span>
  )
}
