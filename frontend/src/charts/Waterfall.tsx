import { tickFormat } from '@/lib/format'
import { niceTicks } from '@/lib/stats'
import { Cursor } from './Cursor'
import { ValueTicks } from './ValueTicks'

export type WaterfallStep = {
  readonly id: string
  readonly label: string
  readonly value: number
  readonly from: number
  readonly to: number
}

type Props = {
  /** Names the chart to screen readers. */
  label: string
  steps: readonly WaterfallStep[]
  /** Written under the last bar, which reaches from zero to where the steps end. */
  totalLabel: string
  active: number | null
  onActive: (index: number | null) => void
  /** Enter or a click. */
  onOpen?: (index: number) => void
  textOf: (index: number) => string
  width: number
  height: number
}

const LEFT = 44
const BOTTOM = 40
const TOP = 14

/** Bars that each begin where the one before ended; the last is their sum. Arrow keys read them. */
export function Waterfall(props: Props) {
  const { label, steps, totalLabel, active, onActive, onOpen, textOf, width, height } = props
  const total = steps.at(-1)?.to ?? 0
  const reached = steps.flatMap(({ from, to }) => [from, to])
  const ticks = niceTicks(Math.min(0, ...reached), Math.max(0, ...reached), 5)
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)]
  const slot = (width - LEFT) / (steps.length + 1)
  const bar = Math.max(2, slot * 0.72)
  const x = (index: number) => LEFT + index * slot + (slot - bar) / 2
  const y = (value: number) =>
    TOP + (1 - (value - low) / (high - low || 1)) * (height - TOP - BOTTOM)
  const every = Math.ceil(26 / slot)

  return (
    <Cursor
      label={`${label}. Arrow keys read the parts${onOpen ? ', Enter opens one' : ''}.`}
      count={steps.length}
      index={active}
      onMove={onActive}
      onOpen={onOpen}
      textOf={textOf}
      className="rounded-md"
    >
      <svg
        width={width}
        height={height}
        aria-hidden
        onPointerLeave={(event) => event.pointerType === 'mouse' && onActive(null)}
      >
        <ValueTicks
          ticks={ticks}
          y={y}
          left={LEFT}
          right={width}
          format={tickFormat(ticks)}
          strongZero
        />
        {steps.map((step, index) => (
          <Bar
            key={step.id}
            step={step}
            x={x(index)}
            width={bar}
            y={y}
            slot={{ left: LEFT + index * slot, width: slot, height: height - BOTTOM }}
            label={index % every === 0 || index === active ? step.label : ''}
            labelY={height - BOTTOM + 8}
            active={index === active}
            onActive={() => onActive(index)}
            onOpen={onOpen && (() => onOpen(index))}
          />
        ))}
        <rect
          x={x(steps.length)}
          width={bar}
          y={Math.min(y(0), y(total))}
          height={Math.max(1, Math.abs(y(total) - y(0)))}
          fill="var(--ink)"
        />
        <text
          transform={`translate(${x(steps.length) + bar / 2} ${height - BOTTOM + 8}) rotate(-90)`}
          textAnchor="end"
          dy={4}
          fontSize={12}
          fontWeight={700}
          fill="var(--ink)"
        >
          {totalLabel}
        </text>
      </svg>
    </Cursor>
  )
}

type BarProps = {
  step: WaterfallStep
  x: number
  width: number
  y: (value: number) => number
  slot: { left: number; width: number; height: number }
  label: string
  labelY: number
  active: boolean
  onActive: () => void
  onOpen: (() => void) | undefined
}

/** One part: up or down by colour and by where it ends; its end is carried on to the next. */
function Bar({ step, x, width, y, slot, label, labelY, active, onActive, onOpen }: BarProps) {
  const { from, to, value } = step
  const top = Math.min(y(from), y(to))
  return (
    <g onPointerEnter={onActive} onClick={onOpen} className={onOpen && 'cursor-pointer'}>
      <rect x={slot.left} width={slot.width} y={0} height={slot.height} fill="transparent" />
      <line
        x1={x}
        x2={slot.left + 2 * slot.width - (slot.width - width) / 2}
        y1={y(to)}
        y2={y(to)}
        stroke="var(--line-strong)"
        strokeWidth={1}
      />
      <rect
        x={x}
        width={width}
        y={top}
        height={Math.max(1, Math.abs(y(to) - y(from)))}
        fill={value < 0 ? 'var(--div-neg)' : 'var(--div-pos)'}
        stroke={active ? 'var(--ink)' : 'none'}
        strokeWidth={2}
      />
      <text
        transform={`translate(${x + width / 2} ${labelY}) rotate(-90)`}
        textAnchor="end"
        dy={4}
        fontSize={12}
        fontWeight={active ? 700 : 400}
        fill={active ? 'var(--ink)' : 'var(--chart-axis)'}
      >
        {label}
      </text>
    </g>
  )
}
