import { Menu as Base } from '@base-ui/react/menu'
import { useContext, type ReactNode } from 'react'
import { Button } from './Button'
import { cx } from './cx'
import { PLACE, POPUP } from './popups'
import { Root } from './root'

type Props = {
  /** The button's content. */
  label: string
  /** As high as a text field beside it. */
  tall?: boolean
  /** `<MenuItem>`s. */
  children: ReactNode
}

/** A button that opens a menu: arrows and letters walk, Escape closes and gives the focus back. */
export function Menu({ label, tall, children }: Props) {
  const root = useContext(Root)
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={<Button className={cx(tall && 'h-11!')} />}>
        {label}
        <span aria-hidden className="text-xs text-ink-3">
          ▾
        </span>
      </Base.Trigger>
      <Base.Portal container={root ?? undefined}>
        <Base.Positioner {...PLACE} align="end">
          <Base.Popup className={cx(POPUP, 'w-max p-1.5 sm:max-w-sm')}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

type ItemProps = {
  label: string
  /** A quiet line below. */
  note: string
  current?: boolean
  /** Why it cannot be chosen now; it stays reachable, so that the reason can be read. */
  disabledReason?: string | null
  onChoose: () => void
}

export function MenuItem({ label, note, current, disabledReason, onChoose }: ItemProps) {
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
