import { cx } from './cx'

type Props = { className?: string; label?: string }

/** A grey place-holder while something loads. */
export function Skeleton({ className, label = 'Loading' }: Props) {
  return (
    <div
      role="status"
      aria-label={label}
      className={cx('animate-pulse rounded-md bg-sunken', className)}
    />
  )
}
