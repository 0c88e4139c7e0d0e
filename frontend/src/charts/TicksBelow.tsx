import { tickFormat } from '@/lib/format'

type Props = {
  ticks: readonly number[]
  x: (value: number) => number
  /** Where the lines end; the numbers stand under them. */
  bottom: number
}

/** The horizontal axis of a drawing: a line down for each tick, and its number below. */
export function TicksBelow({ ticks, x, bottom }: Props) {
  const format = tickFormat(ticks)
  return ticks.map((tick) => (
    <g key={tick}>
      <line
        x1={x(tick)}
        x2={x(tick)}
        y1={0}
        y2={bottom}
        stroke={tick === 0 ? 'var(--line-strong)' : 'var(--chart-grid)'}
      />
      <text x={x(tick)} y={bottom + 16} textAnchor="middle" fontSize={12} fill="var(--chart-axis)">
        {format(tick)}
      </text>
    </g>
  ))
}
