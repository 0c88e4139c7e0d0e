const paths: Readonly<Record<string, string>> = {
  zero: 'M4 4l8 8M12 4l-8 8',
  mean: 'M3.5 6h9M3.5 10h9',
  previous: 'M8 13V4M4.5 7.5 8 4l3.5 3.5',
  'dataset-mean': 'M3.5 5h9M3.5 8h9M3.5 11h9',
  resample: 'M3.5 6h8l-2.5-2.5M12.5 10h-8l2.5 2.5',
}

/** A method that has no mark of its own: a ring. */
const other = 'M8 3.5a4.5 4.5 0 1 0 .01 0Z'

type Props = { method: string; className?: string }

/** The shape of a cut: × nothing is left, = all alike, ↑ from the layer before. */
export function MethodMark({ method, className }: Props) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden className={className ?? 'size-3'}>
      <path
        d={paths[method] ?? other}
        fill="none"
        stroke="currentColor"
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
