/** How axes look, the same in every chart. */

export const AXIS = {
  stroke: 'var(--chart-axis)',
  tick: { fill: 'var(--chart-axis)', fontSize: 12 },
  tickLine: false,
  axisLine: false,
} as const

export const GRID = { stroke: 'var(--chart-grid)', strokeDasharray: '0' } as const

type TickProps = { x?: number | string; y?: number | string; payload?: { value: number | string } }

type TokenTickProps = TickProps & {
  textOf: (value: number) => string
  /** Turned by this many degrees, for crowded horizontal axes. */
  angle?: number
  strong?: (value: number) => boolean
}

/** A token as the label of an axis. */
export function TokenTick({ x = 0, y = 0, payload, textOf, angle = 0, strong }: TokenTickProps) {
  const value = Number(payload?.value ?? 0)
  return (
    <text
      transform={`translate(${x} ${y}) rotate(${angle})`}
      dy={angle === 0 ? 4 : 5}
      textAnchor="end"
      className="font-mono"
      fontSize={12}
      fontWeight={strong?.(value) ? 700 : 400}
      fill={strong?.(value) ? 'var(--ink)' : 'var(--chart-axis)'}
    >
      {textOf(value)}
    </text>
  )
}
