import { sequential } from '@/lib/shade'
import { percent } from '@/lib/format'
import { attentionFraction } from './heatDrawing'

const TICKS = [0, 0.01, 0.1, 0.25, 0.5, 1]

/** The legend of attention: shade by square root, so that small shares still show. */
export function HeatScale() {
  return (
    <div className="flex items-center gap-2 text-xs text-ink-3">
      <span data-picture-text>attention</span>
      <ul className="flex">
        {TICKS.map((value) => (
          <li key={value} className="tabular w-11 text-center">
            <span
              data-picture-fill
              aria-hidden
              className="mb-0.5 block h-2.5"
              style={{ background: sequential(attentionFraction(value)) }}
            />
            <span data-picture-text>{percent(value)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
