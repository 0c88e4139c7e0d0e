import { niceTicks } from '@/lib/stats'
import { useWidth } from './useWidth'

type Band = {
  readonly mean: number
  readonly low: number
  readonly high: number
  readonly values: readonly number[]
}

type Props = {
  /** All of it in words, for screen readers. */
  label: string
  values: readonly number[]
  interval: readonly [low: number, high: number] | null
  /** What chance does. */
  random: Band | null
  /** What to compare with. */
  marks: readonly { readonly at: number; readonly label: string }[]
  format: (value: number) => string
}

const HEIGHT = 58
const SIDE = 12
const LINE = 26
/** Width of a letter, about. */
const CHARACTER = 7
const GAP = 5

/** The first and the last of these words, and those between that leave a gap on both sides. */
function thatFit(words: readonly (readonly number[])[]): boolean[] {
  const end = words.at(-1)?.[0] ?? 0
  let taken = -Infinity
  return words.map(([from = 0, to = 0], i) => {
    const isLast = i === words.length - 1
    const fits = i === 0 || isLast || (from >= taken + GAP && to + GAP <= end)
    if (fits) taken = to
    return fits
  })
}

/** Values on a scale: chance as a band with a stroke for each draw, the interval as a whisker. */
export function Gauge({ label, values, interval, random, marks, format }: Props) {
  const { ref, width } = useWidth(240)
  const reached = [
    0,
    ...values,
    ...(interval ?? []),
    ...marks.map(({ at }) => at),
    ...(random ? [random.low, random.high] : []),
  ]
  const ticks = niceTicks(Math.min(...reached), Math.max(...reached), width < 220 ? 3 : 4)
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)]
  const x = (value: number) => SIDE + ((value - low) / (high - low || 1)) * (width - 2 * SIDE)
  const isWritten = thatFit(
    ticks.map((tick) => {
      const size = CHARACTER * format(tick).length
      const left = tick === low ? x(tick) - SIDE / 2 : x(tick) + SIDE / 2 - size
      return tick === low || tick === high
        ? [left, left + size]
        : [x(tick) - size / 2, x(tick) + size / 2]
    }),
  )
  const side = (at: number) => (x(at) > width - 50 ? 'end' : x(at) < 50 ? 'start' : 'middle')
  return (
    <div ref={ref} role="img" aria-label={label}>
      <svg width={width} height={HEIGHT} aria-hidden>
        <line x1={SIDE} x2={width - SIDE} y1={LINE} y2={LINE} stroke="var(--line-strong)" />
        {ticks.map((tick, i) => (
          <g key={tick}>
            <line x1={x(tick)} x2={x(tick)} y1={LINE} y2={LINE + 4} stroke="var(--line-strong)" />
            {isWritten[i] && (
              <text
                x={x(tick)}
                y={HEIGHT - 14}
                textAnchor={tick === low ? 'start' : tick === high ? 'end' : 'middle'}
                dx={tick === low ? -SIDE / 2 : tick === high ? SIDE / 2 : 0}
                fontSize={12}
                fill="var(--chart-axis)"
                className="tabular"
              >
                {format(tick)}
              </text>
            )}
          </g>
        ))}
        {random && (
          <g>
            <rect
              x={x(random.low) - 1}
              y={LINE - 7}
              width={x(random.high) - x(random.low) + 2}
              height={14}
              rx={2}
              fill="var(--ink-3)"
              fillOpacity={0.18}
            />
            {random.values.map((value, i) => (
              <line
                key={i}
                x1={x(value)}
                x2={x(value)}
                y1={LINE - 7}
                y2={LINE + 7}
                stroke="var(--ink-3)"
                strokeOpacity={0.55}
              />
            ))}
          </g>
        )}
        {marks.map(({ at, label: word }) => (
          <g key={word}>
            <line
              x1={x(at)}
              x2={x(at)}
              y1={LINE - 12}
              y2={LINE + 8}
              stroke="var(--ink-2)"
              strokeDasharray="3 2"
            />
            <text x={x(at)} y={10} fontSize={12} textAnchor={side(at)} fill="var(--ink-3)">
              {word}
            </text>
          </g>
        ))}
        {interval && (
          <path
            d={`M${x(interval[0])} ${LINE}H${x(interval[1])}M${x(interval[0])} ${LINE - 5}v10M${x(interval[1])} ${LINE - 5}v10`}
            stroke="var(--control)"
            strokeWidth={2}
            fill="none"
          />
        )}
        {values.map((value, i) => (
          <circle
            key={i}
            cx={x(value)}
            cy={LINE}
            r={values.length > 12 ? 4 : 5.5}
            fill="var(--control)"
            fillOpacity={values.length > 1 ? 0.75 : 1}
            stroke="var(--surface)"
            strokeWidth={1.5}
          />
        ))}
      </svg>
    </div>
  )
}
