type Props = {
  ticks: readonly number[]
  y: (value: number) => number
  left: number
  right: number
  format: (value: number) => string
  /** Between the numbers and the lines. */
  gap?: number
  /** The line of zero is drawn stronger: bars stand on it. */
  strongZero?: boolean
  className?: string
}

/** The vertical axis of a drawing: a line across for each tick, and its number on the left. */
export const ValueTicks = ({
  ticks,
  y,
  left,
  right,
  format,
  gap = 6,
  strongZero = false,
  className,
}: Props) =>
  ticks.map((tick) => (
    <g key={tick}>
      <line
        x1={left}
        x2={right}
        y1={y(tick)}
        y2={y(tick)}
        stroke={strongZero && tick === 0 ? 'var(--line-strong)' : 'var(--chart-grid)'}
      />
      <text
        x={left - gap}
        y={y(tick) + 4}
        textAnchor="end"
        fontSize={12}
        className={className}
        fill="var(--chart-axis)"
      >
        {format(tick)}
      </text>
    </g>
  ))
