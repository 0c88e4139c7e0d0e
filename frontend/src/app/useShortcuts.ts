import { useEffect, useEffectEvent } from 'react'

type Actions = {
  run: () => void
  stop: () => void
  undo: (() => void) | null
  redo: (() => void) | null
}

const isWriting = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('input, textarea, select')

/** Escape puts away what floats on the page; only where nothing does it ends a run. */
const isFloating = () => document.querySelector('[data-base-ui-portal] [data-open]') !== null

/** Keys that work wherever the focus is; text fields keep their own undo. */
export function useShortcuts({ run, stop, undo, redo }: Actions): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    const command = event.ctrlKey || event.metaKey
    const key = event.key.toLowerCase()
    const action =
      command && key === 'enter'
        ? run
        : key === 'escape'
          ? isFloating()
            ? null
            : stop
          : !command || isWriting(event.target)
            ? null
            : key === 'y' || (key === 'z' && event.shiftKey)
              ? redo
              : key === 'z'
                ? undo
                : null
    if (!action) return
    if (key !== 'escape') event.preventDefault()
    action()
  })

  useEffect(() => {
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
}
