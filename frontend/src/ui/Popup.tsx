import { Popover } from '@base-ui/react/popover'
import { useContext, useState, type ReactNode } from 'react'
import { Button } from './Button'
import { cx } from './cx'
import { PLACE, POPUP } from './popups'
import { Root } from './root'

type Props = {
  /** The button's content. */
  label: ReactNode
  /** What the button does, where its content alone does not say. */
  name?: string
  look?: 'primary' | 'secondary' | 'quiet' | 'chip'
  align?: 'start' | 'end'
  /** The panel below; `close` puts it away. */
  children: (close: () => void) => ReactNode
}

/** A button that opens a panel below itself; Escape closes it and gives the focus back. */
export function Popup({ label, name, look = 'secondary', align = 'end', children }: Props) {
  const [open, setOpen] = useState(false)
  const root = useContext(Root)
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        render={<Button look={look} className="max-w-full min-w-0 @max-sm:px-2" />}
        aria-label={name}
      >
        {label}
        <span aria-hidden className="text-xs opacity-70">
          ▾
        </span>
      </Popover.Trigger>
      <Popover.Portal container={root ?? undefined}>
        <Popover.Positioner {...PLACE} align={align}>
          <Popover.Popup
            aria-label={name ?? (typeof label === 'string' ? label : undefined)}
            className={cx(POPUP, 'w-max p-1.5 sm:max-w-[26rem]')}
          >
            {children(() => setOpen(false))}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
