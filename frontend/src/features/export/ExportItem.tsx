import { cx } from '@/ui/cx'

type Props = {
  label: string
  note: string
  /** Takes the focus when the menu opens. */
  first?: boolean
  disabledReason?: string | null
  onChoose: () => void
}

const focusOnce = (item: HTMLElement | null) => item?.focus()

/** One entry of the menu; what cannot be had now says why and stays reachable. */
export function ExportItem({ label, note, first = false, disabledReason, onChoose }: Props) {
  const off = Boolean(disabledReason)
  return (
    <button
      ref={first ? focusOnce : undefined}
      type="button"
      role="menuitem"
      tabIndex={-1}
      aria-disabled={off || undefined}
      onClick={off ? undefined : onChoose}
      className={cx(
        'block w-full rounded-md px-2.5 py-1.5 text-left -outline-offset-2 pointer-coarse:py-2.5',
        off ? 'cursor-not-allowed!' : 'hover:bg-sunken focus:bg-sunken',
      )}
    >
      <span className={cx('block text-sm', off ? 'text-ink-3' : 'text-ink')}>{label}</span>
      <span className="block text-xs text-ink-3">{disabledReason ?? note}</span>
    </button>
  )
}
