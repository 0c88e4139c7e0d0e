import type { CSSProperties } from 'react'
import { cx } from './cx'

type Props = { className?: string; label?: string; style?: CSSProperties }

/** A grey place-holder while something loads. */
export function Skeleton({ className, label = 'Loading', style }: Props) {
  return (
    <div
      role="status"
      aria-label={label}
      style={style}
      className={cx('animate-pulse rounded-md bg-sunken', className)}
    />
  )
}
