import { useRef, useState, type PointerEvent, type ReactNode } from 'react'
import { Button } from './Button'
import { cx } from './cx'
import { ErrorNote } from './ErrorNote'
import type { LoadedMenu } from './LoadedMenu'

export type MenuEntry = {
  /** Where labels are not each its own. */
  readonly id?: string
  readonly label: string
  /** A quiet line below. */
  readonly note: string
  readonly current?: boolean
  /** Why it cannot be chosen now; it stays reachable, so that the reason can be read. */
  readonly disabledReason?: string | null
  readonly onChoose: () => void
}

export type MenuProps = {
  /** The button's content. */
  label: string
  /** As high as a text field beside it. */
  tall?: boolean
  entries: readonly MenuEntry[]
  /** Below the entries. */
  note?: ReactNode
}

type Coming = {
  readonly Loaded: typeof LoadedMenu
  readonly focused: boolean
  readonly pressed: boolean
}

/** A button that opens a menu, which is loaded when a pointer, the focus or a press comes near. */
export function Menu(props: MenuProps) {
  const button = useRef<HTMLButtonElement>(null)
  const pressed = useRef(false)
  const [coming, setComing] = useState<Coming | null>(null)
  const [failure, setFailure] = useState<unknown>(null)

  function approach() {
    import('./LoadedMenu').then(
      ({ LoadedMenu: Loaded }) => {
        setFailure(null)
        const focused = document.activeElement === button.current
        setComing((before) => before ?? { Loaded, focused, pressed: pressed.current })
      },
      (error: unknown) => pressed.current && setFailure(error),
    )
  }
  function press() {
    pressed.current = true
    approach()
  }
  // A finger that comes near is pressing already: its press counts when it is lifted.
  const isMouse = ({ pointerType }: PointerEvent) => pointerType === 'mouse'

  if (coming) return <coming.Loaded {...props} focused={coming.focused} pressed={coming.pressed} />
  if (failure !== null) {
    return <ErrorNote error={new Error('The menu could not be loaded.')} onRetry={press} />
  }
  return (
    <Button
      ref={button}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={(event) => isMouse(event) && approach()}
      onPointerDown={(event) => isMouse(event) && press()}
      onFocus={approach}
      onClick={press}
      className={cx(props.tall && 'h-11!')}
    >
      {props.label}
      <span aria-hidden className="text-xs text-ink-3">
        ▾
      </span>
    </Button>
  )
}
