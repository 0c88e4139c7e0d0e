import { Menu as Base } from '@base-ui/react/menu'
import { useContext, useLayoutEffect, useRef } from 'react'
import { Button } from './Button'
import { cx } from './cx'
import type { MenuEntry, MenuProps } from './Menu'
import { PLACE, POPUP } from './popups'
import { Root } from './root'

type Props = MenuProps & {
  /** The button that stood here had the focus, or was pressed while this was loaded. */
  focused: boolean
  pressed: boolean
}

/** The menu with its button: arrows and letters walk, Escape closes and gives the focus back. */
export function LoadedMenu({ label, tall, entries, note, focused, pressed }: Props) {
  const root = useContext(Root)
  const trigger = useRef<HTMLButtonElement>(null)
  const takenOver = useRef(false)
  // Before another key comes: without it the focus would be on nothing.
  useLayoutEffect(() => {
    if (takenOver.current) return
    takenOver.current = true
    if (focused) trigger.current?.focus()
    if (pressed) trigger.current?.click()
  }, [focused, pressed])
  return (
    <Base.Root modal={false}>
      <Base.Trigger ref={trigger} render={<Button className={cx(tall && 'h-11!')} />}>
        {label}
        <span aria-hidden className="text-xs text-ink-3">
          ▾
        </span>
      </Base.Trigger>
      <Base.Portal container={root ?? undefined}>
        <Base.Positioner {...PLACE} align="end">
          <Base.Popup className={cx(POPUP, 'w-max p-1.5 sm:max-w-sm')}>
            {entries.map((entry) => (
              <Entry key={entry.id ?? entry.label} {...entry} />
            ))}
            {note}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

function Entry({ label, note, current, disabledReason, onChoose }: MenuEntry) {
  const off = Boolean(disabledReason)
  return (
    <Base.Item
      aria-disabled={off || undefined}
      aria-current={current || undefined}
      closeOnClick={!off}
      label={label}
      onClick={off ? undefined : onChoose}
      className={cx(
        'block cursor-pointer rounded-md px-2.5 py-1.5 -outline-offset-2 select-none data-highlighted:bg-sunken pointer-coarse:py-2.5',
        current && 'bg-sunken',
        off && 'cursor-not-allowed!',
      )}
    >
      <span className={cx('block text-sm font-medium', off ? 'text-ink-3' : 'text-ink')}>
        {label}
      </span>
      <span className="line-clamp-2 text-xs text-ink-3">{disabledReason ?? note}</span>
    </Base.Item>
  )
}
