import { diverging } from '@/lib/shade'

type Props = {
  most: number
  format: (value: number) => string
  /** Where a share of the most stands on the scale. */
  place?: (share: number) => number
}

const linear = (share: number) => share

const STEPS = [-1, -0.5, 0, 0.5, 1]

/** The legend of numbers with a sign: less, nothing, more. */
export function DivergingScale({ most, format, place = linear }: Props) {
  return (
    <ul className="flex text-xs text-ink-3">
      {STEPS.map((step) => (
        <li key={step} className="tabular w-14 text-center">
          <span
            data-picture-fill
            aria-hidden
            className="mb-0.5 block h-2.5"
            style={{ background: diverging(place(step)) }}
          />
          <span data-picture-text>{format(step * most)}</span>
        </li>
      ))}
    </ul>
  )
}
