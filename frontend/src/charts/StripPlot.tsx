import { number } from '@/lib/format'
import { niceTicks } from '@/lib/stats'
import { Cursor } from './Cursor'

type Props = {
  /** Names the chart to screen readers. */
  label: string
  values: readonly number[]
  mean: number | null
  active: number | null
  onActive: (index: number) => void
  textOf: (index: number) => string
  width: number
}

const HEIGHT = 120
const BOTTOM = 26
const SIDE = 20

/** The same for the same item: spreads points that would cover each other. */
const jitter = (index: number) => ((index * 0.618034) % 1) - 0.5

/** Values as dots over one axis, spread in height so that each is seen; a line is their mean. */
export function StripPlot(props: Props) {
  const { label, values, mean, active, onActive, textOf, width } = props
  const ticks = niceTicks(Math.min(0, ...values), Math.max(0, ...values), 6)
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)]
  const x = (value: number) => SIDE + ((value - low) / (high - low || 1)) * (width - 2 * SIDE)
  const plot = HEIGHT - BOTTOM
  const y = (index: number) => plot / 2 + jitter(index) * (plot - 16)
  return (
    <Cursor
      label={`${label}. Arrow keys read the items.`}
      count={values.length}
      index={active}
      onMove={onActive}
      textOf={textOf}
      className="rounded-md"
    >
      <svg width={width} height={HEIGHT} aria-hidden>
        {ticks.map((tick) => (
          <g key={tick}>
            <line
              x1={x(tick)}
              x2={x(tick)}
              y1={0}
              y2={plot}
              stroke={tick === 0 ? 'var(--line-strong)' : 'var(--chart-grid)'}
            />
            <text
              x={x(tick)}
              y={plot + 16}
              textAnchor="middle"
              fontSize={12}
              fill="var(--chart-axis)"
            >
              {number(tick)}
            </text>
          </g>
        ))}
        {mean !== null && (
          <line
            x1={x(mean)}
            x2={x(mean)}
            y1={0}
            y2={plot}
            stroke="var(--ink)"
            strokeWidth={2}
            strokeDasharray="4 3"
          />
        )}
        {values.map((value, index) => (
          <circle
            key={index}
            cx={x(value)}
            cy={y(index)}
            r={active === index ? 6 : 4}
            fill="var(--chart-control)"
            fillOpacity={active === index ? 1 : 0.55}
            stroke={active === index ? 'var(--ink)' : 'none'}
            strokeWidth={1.5}
            className="cursor-pointer"
            onPointerDown={() => onActive(index)}
          />
        ))}
      </svg>
    </Cursor>
  )
}
