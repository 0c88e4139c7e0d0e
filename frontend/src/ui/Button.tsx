import { useId, type ComponentProps } from 'react'
import { cx } from './cx'
import { Hint } from './Hint'

const looks = {
  primary:
    'bg-accent text-on-accent hover:opacity-90 font-medium shadow-sm disabled:opacity-45 disabled:shadow-none',
  secondary:
    'bg-surface text-ink border border-line hover:border-line-strong hover:bg-sunken disabled:text-ink-3 disabled:hover:border-line disabled:hover:bg-surface',
  quiet:
    'text-ink-2 hover:text-ink hover:bg-sunken disabled:text-ink-3 disabled:hover:bg-transparent',
  /** Part of a small framed thing: as high as it, without a frame of its own. */
  chip: 'h-full! px-1.5! text-xs! text-ink -outline-offset-2 hover:underline',
  danger: 'bg-cut text-on-cut hover:opacity-90 font-medium',
}

type Props = ComponentProps<'button'> & {
  look?: keyof typeof looks
  size?: 'normal' | 'small'
  /** Why the button can do nothing now. It stays focusable; a press or a tap shows the reason. */
  disabledReason?: string | null | false
}

export function Button({
  look = 'secondary',
  size = 'normal',
  disabledReason,
  className,
  onClick,
  children,
  ...rest
}: Props) {
  const id = useId()
  const off = Boolean(disabledReason)
  const button = (
    <button
      type="button"
      aria-disabled={off || undefined}
      aria-describedby={off ? id : undefined}
      onClick={off ? undefined : onClick}
      className={cx(
        'inline-flex items-center justify-center gap-1.5 rounded-md whitespace-nowrap transition-colors select-none',
        'disabled:cursor-not-allowed pointer-coarse:min-h-11',
        size === 'small' ? 'h-7 px-2.5 text-xs' : 'h-9 px-3.5 text-sm',
        looks[look],
        off && 'cursor-not-allowed! opacity-55',
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  )
  if (!disabledReason) return button
  return (
    <>
      <Hint content={disabledReason} trigger={button}>
        {children}
      </Hint>
      <span id={id} hidden>
        {disabledReason}
      </span>
    </>
  )
}
