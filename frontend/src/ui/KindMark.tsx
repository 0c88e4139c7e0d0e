import type { Shape } from '@/lib/headKinds'
import { cx } from './cx'

const paths: Readonly<Record<Shape, string>> = {
  circle: 'M5 1.5a3.5 3.5 0 1 0 .01 0Z',
  triangle: 'M5 1.2 9 8.6H1Z',
  square: 'M1.8 1.8h6.4v6.4H1.8Z',
  diamond: 'M5 .6 9.4 5 5 9.4.6 5Z',
  plus: 'M3.6 1.2h2.8v2.4h2.4v2.8H6.4v2.4H3.6V6.4H1.2V3.6h2.4Z',
  tip: 'M1 1.4h8L5 8.8Z',
  star: 'M5 .5 6.3 3.7 9.6 3.9 7 6l.9 3.4L5 7.5 2.1 9.4 3 6 .4 3.9l3.3-.2Z',
  bar: 'M.8 3.4h8.4v3.2H.8Z',
  cross: 'M3 1 5 3l2-2 2 2-2 2 2 2-2 2-2-2-2 2-2-2 2-2-2-2Z',
  hexagon: 'M3 1.2h4L9.2 5 7 8.8H3L.8 5Z',
}

type Props = { shape: Shape; weak?: boolean; className?: string }

/** The mark of a kind of head: filled, or where it is one only weakly open. It shows on any colour. */
export function KindMark({ shape, weak = false, className }: Props) {
  return (
    <svg
      viewBox="-1 -1 12 12"
      aria-hidden
      className={cx('shrink-0 overflow-visible', className ?? 'size-3')}
    >
      <path d={paths[shape]} fill="var(--surface)" stroke="var(--surface)" strokeWidth="2.6" />
      <path
        d={paths[shape]}
        fill={weak ? 'var(--surface)' : 'var(--ink)'}
        stroke="var(--ink)"
        strokeWidth={weak ? 1.3 : 0.4}
      />
    </svg>
  )
}
