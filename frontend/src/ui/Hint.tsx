import { Popover } from '@base-ui/react/popover'
import { useContext, type ReactElement, type ReactNode } from 'react'
import { cx } from './cx'
import { PLACE, POPUP } from './popups'
import { Root } from './root'

type Props = {
  /** What is shown on hover, press and tap. */
  content: ReactNode
  /** The button that is explained. */
  trigger: ReactElement
  children: ReactNode
}

/** Explains its trigger; Escape puts it away, the pointer may enter it, the focus stays. */
export function Hint({ content, trigger, children }: Props) {
  const root = useContext(Root)
  return (
    <Popover.Root>
      <Popover.Trigger render={trigger} openOnHover delay={250} closeDelay={120}>
        {children}
      </Popover.Trigger>
      <Popover.Portal container={root ?? undefined}>
        <Popover.Positioner {...PLACE}>
          <Popover.Popup
            initialFocus={false}
            className={cx(POPUP, 'w-max p-3 text-left text-xs text-ink-2 sm:max-w-80')}
          >
            {content}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
