import { Cursor } from './Cursor'
import { TicksBelow } from './TicksBelow'
import { valueScale } from './valueScale'

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
  const { ticks, x } = valueScale(values, { left: SIDE, right: width - SIDE, most: 6 })
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
        <TicksBelow ticks={ticks} x={x} bottom={plot} />
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
