import { number } from '@/lib/format'
import { Cursor } from './Cursor'
import { TicksBelow } from './TicksBelow'
import { valueScale } from './valueScale'

export type WhiskerBar = {
  readonly name: string
  readonly value: number
  readonly interval: readonly [low: number, high: number] | null
  /** A filled diamond beside its name, or an open one. */
  readonly mark: 'filled' | 'open' | null
}

type Props = {
  /** Names the chart to screen readers. */
  label: string
  bars: readonly WhiskerBar[]
  active: number | null
  onActive: (index: number | null) => void
  /** Enter or a click. */
  onOpen: (index: number) => void
  textOf: (index: number) => string
  width: number
}

const ROW = 20
const LEFT = 74
const RIGHT = 58
const BOTTOM = 24

/** Named means as bars from zero, each with the whisker of its interval. Arrow keys read them. */
export function WhiskerBars(props: Props) {
  const { label, bars, active, onActive, onOpen, textOf, width } = props
  const reached = bars.flatMap(({ value, interval }) => [value, ...(interval ?? [])])
  const { ticks, x } = valueScale(reached, { left: LEFT, right: width - RIGHT, most: 5 })
  const bottom = bars.length * ROW
  return (
    <Cursor
      label={`${label}. Arrow keys read the heads, Enter shows one's items.`}
      count={bars.length}
      index={active}
      onMove={onActive}
      onOpen={onOpen}
      textOf={textOf}
      className="rounded-md"
    >
      <svg
        width={width}
        height={bottom + BOTTOM}
        aria-hidden
        onPointerLeave={(event) => event.pointerType === 'mouse' && onActive(null)}
      >
        <TicksBelow ticks={ticks} x={x} bottom={bottom} />
        {bars.map((bar, index) => (
          <Bar key={bar.name} bar={bar} index={index} x={x} width={width} strong={active === index}>
            <rect
              x={0}
              y={index * ROW}
              width={width}
              height={ROW}
              fill="transparent"
              className="cursor-pointer"
              onPointerMove={() => onActive(index)}
              onClick={() => onOpen(index)}
            />
          </Bar>
        ))}
      </svg>
    </Cursor>
  )
}

type BarProps = {
  bar: WhiskerBar
  index: number
  x: (value: number) => number
  width: number
  strong: boolean
  children: React.ReactNode
}

function Bar({ bar, index, x, width, strong, children }: BarProps) {
  const { name, value, interval, mark } = bar
  const middle = index * ROW + ROW / 2
  const [from, to] = [x(0), x(value)].sort((a, b) => a - b)
  return (
    <g>
      {strong && <rect x={0} y={index * ROW} width={width} height={ROW} fill="var(--sunken)" />}
      {mark && (
        <path
          d={`M7 ${middle - 4.5}l4.5 4.5-4.5 4.5-4.5-4.5Z`}
          fill={mark === 'filled' ? 'var(--ink)' : 'none'}
          stroke="var(--ink)"
        />
      )}
      <text x={18} y={middle + 4} fontSize={12} className="font-mono" fill="var(--ink)">
        {name}
      </text>
      <rect
        x={from}
        y={middle - 6}
        width={Math.max(1, (to ?? 0) - (from ?? 0))}
        height={12}
        fill={value < 0 ? 'var(--div-neg)' : 'var(--div-pos)'}
        fillOpacity={0.75}
      />
      {interval && (
        <path
          d={`M${x(interval[0])} ${middle}H${x(interval[1])}M${x(interval[0])} ${middle - 4}v8M${x(interval[1])} ${middle - 4}v8`}
          stroke="var(--ink)"
          strokeWidth={1.4}
          fill="none"
        />
      )}
      <text
        x={width - 4}
        y={middle + 4}
        fontSize={12}
        textAnchor="end"
        className="tabular"
        fill="var(--ink-2)"
      >
        {number(value)}
      </text>
      {children}
    </g>
  )
}
