import { signed as written } from '@/lib/format'
import { cx } from '@/ui/cx'

export type ShareBar = {
  readonly name: string
  readonly value: number
  /** A press on the name. */
  readonly onOpen?: () => void
  readonly current?: boolean
}

type Props = {
  /** Names the list to screen readers. */
  label: string
  bars: readonly ShareBar[]
  /** A value as it is read. */
  format?: (value: number) => string
}

/**
 * Named amounts as bars, a list that can be read; from a middle line where some are less than
 * nothing.
 */
export function ShareBars({ label, bars, format = written }: Props) {
  const most = Math.max(1e-12, ...bars.map(({ value }) => Math.abs(value)))
  const zero = bars.some(({ value }) => value < 0) ? 50 : 0
  return (
    <ul aria-label={label} className="grid gap-px text-xs">
      {bars.map(({ name, value, onOpen, current = false }) => (
        <li key={name} className="grid grid-cols-[5.5rem_minmax(0,1fr)_4.5rem] items-center gap-2">
          {onOpen ? (
            <button
              type="button"
              onClick={onOpen}
              aria-pressed={current}
              className={cx(
                'min-h-6 rounded px-1 text-left font-mono text-ink hover:underline pointer-coarse:min-h-11',
                current && 'bg-sunken font-semibold',
              )}
            >
              {name}
            </button>
          ) : (
            <span className="min-h-6 px-1 leading-6 text-ink-2">{name}</span>
          )}
          <span aria-hidden className="relative h-3.5">
            <span className="absolute inset-y-0 w-px bg-line-strong" style={{ left: `${zero}%` }} />
            <span
              className="absolute inset-y-0"
              style={{
                width: `${(Math.abs(value) / most) * (100 - zero)}%`,
                background: value < 0 ? 'var(--div-neg)' : 'var(--div-pos)',
                ...(value < 0 ? { right: `${100 - zero}%` } : { left: `${zero}%` }),
              }}
            />
          </span>
          <span className="tabular text-right text-ink-2">{format(value)}</span>
        </li>
      ))}
    </ul>
  )
}
