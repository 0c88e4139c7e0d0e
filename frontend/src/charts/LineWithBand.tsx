import { Cursor } from './Cursor'
import { ValueTicks } from './ValueTicks'

export type LinePoint = {
  /** Where on the axis, 0 to 1. */
  readonly at: number
  /** Under the axis; nothing where there is no room. */
  readonly label: string
  readonly value: number
  readonly band: { readonly low: number; readonly high: number; readonly mean: number } | null
}

type Props = {
  /** Names the chart to screen readers. */
  label: string
  points: readonly LinePoint[]
  ticks: readonly number[]
  format: (value: number) => string
  /** Drawn dashed over the whole width. */
  marks: readonly number[]
  axis: string
  active: number | null
  onActive: (index: number | null) => void
  textOf: (index: number) => string
  width: number
  height: number
}

const LEFT = 46
const RIGHT = 16
const TOP = 10
const BOTTOM = 40

/** A line over an axis with what chance does as a band behind it. Arrow keys read the points. */
export function LineWithBand(props: Props) {
  const { label, points, ticks, format, marks, axis, active, onActive, textOf, width, height } =
    props
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)]
  const x = (at: number) => LEFT + at * (width - LEFT - RIGHT)
  const y = (value: number) =>
    TOP + (1 - (value - low) / (high - low || 1)) * (height - TOP - BOTTOM)
  const bottom = height - BOTTOM
  const banded = points.flatMap(({ at, band }) => (band ? [{ at, ...band }] : []))
  const area = [
    ...banded.map(({ at, high: top }) => `${x(at)} ${y(top)}`),
    ...[...banded].reverse().map(({ at, low: under }) => `${x(at)} ${y(under)}`),
  ]
  const line = (list: readonly { at: number; v: number }[]) =>
    list.map(({ at, v }, i) => `${i === 0 ? 'M' : 'L'}${x(at)} ${y(v)}`).join('')
  const nearest = (left: number) =>
    points.reduce(
      (best, { at }, i) =>
        Math.abs(x(at) - left) < Math.abs(x(points[best]?.at ?? 0) - left) ? i : best,
      0,
    )
  const here = active === null ? undefined : points[active]
  return (
    <Cursor
      label={`${label}. Arrow keys read the points.`}
      count={points.length}
      index={active}
      onMove={onActive}
      textOf={textOf}
      className="rounded-md"
    >
      <svg
        width={width}
        height={height}
        aria-hidden
        onPointerMove={(event) =>
          onActive(nearest(event.clientX - event.currentTarget.getBoundingClientRect().left))
        }
        onPointerLeave={(event) => event.pointerType === 'mouse' && onActive(null)}
      >
        <ValueTicks
          ticks={ticks}
          y={y}
          format={format}
          left={LEFT}
          right={width - RIGHT}
          className="tabular"
        />
        {area.length > 0 && (
          <>
            <polygon points={area.join(' ')} fill="var(--ink-3)" fillOpacity={0.2} />
            <path
              d={line(banded.map(({ at, mean }) => ({ at, v: mean })))}
              stroke="var(--ink-3)"
              strokeWidth={1.5}
              strokeDasharray="4 3"
              fill="none"
            />
          </>
        )}
        {marks.map((mark) => (
          <line
            key={mark}
            x1={LEFT}
            x2={width - RIGHT}
            y1={y(mark)}
            y2={y(mark)}
            stroke="var(--ink-2)"
            strokeDasharray="2 3"
          />
        ))}
        {here && (
          <line x1={x(here.at)} x2={x(here.at)} y1={TOP} y2={bottom} stroke="var(--line-strong)" />
        )}
        <path
          d={line(points.map(({ at, value }) => ({ at, v: value })))}
          stroke="var(--control)"
          strokeWidth={2.2}
          fill="none"
        />
        {points.map(({ at, value, label: word }, i) => (
          <g key={i}>
            <circle
              cx={x(at)}
              cy={y(value)}
              r={active === i ? 5.5 : points.length > 40 ? 2 : 3.5}
              fill="var(--control)"
              stroke="var(--surface)"
            />
            <text
              x={x(at)}
              y={bottom + 16}
              fontSize={12}
              textAnchor="middle"
              fill="var(--chart-axis)"
            >
              {word}
            </text>
          </g>
        ))}
        <text
          x={(LEFT + width - RIGHT) / 2}
          y={height - 6}
          fontSize={12}
          textAnchor="middle"
          fill="var(--chart-axis)"
        >
          {axis}
        </text>
      </svg>
    </Cursor>
  )
}
