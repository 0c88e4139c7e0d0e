import type { AblationMethod } from '@/lib/heads'

const paths: Record<AblationMethod, string> = {
  zero: 'M4 4l8 8M12 4l-8 8',
  mean: 'M3.5 6h9M3.5 10h9',
  previous: 'M8 13V4M4.5 7.5 8 4l3.5 3.5',
}

type Props = { method: AblationMethod; className?: string }

/** The shape of a cut: × nothing is left, = all alike, ↑ from the layer before. */
export function MethodMark({ method, className }: Props) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden className={className ?? 'size-3'}>
      <path
        d={paths[method]}
        fill="none"
        stroke="currentColor"
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
