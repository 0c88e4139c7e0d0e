import type { PointerEvent, SVGProps } from 'react'
import { Cursor } from './Cursor'
import { spread } from './spread'
import { ValueTicks } from './ValueTicks'

export type LayerSeries = {
  readonly key: string
  /** One value per layer. */
  readonly values: readonly number[]
  /** A theme variable. */
  readonly color: string
  readonly dashed: boolean
  readonly strong?: boolean
  /** Written at the end of the line. */
  readonly endLabel?: string
}

export type LayerScale = {
  readonly ticks: readonly number[]
  readonly format: (value: number) => string
  /** Logarithmic, with the smallest value on top: ranks. */
  readonly ranks?: boolean
}

type Props = {
  /** Names the chart to screen readers. */
  label: string
  layers: readonly string[]
  series: readonly LayerSeries[]
  scale: LayerScale
  /** Layers at which heads are cut. */
  cutLayers: readonly number[]
  /** Layer at which the runs part; drawn as a line. */
  partsAt?: number | null
  active: number | null
  onActive: (layer: number | null) => void
  textOf: (layer: number) => string
  width: number
  height: number
  /** How many times as large as elsewhere its type and lines are. */
  zoom?: number
}

const CHARACTER = 7.4
const LEFT = 52
const TOP = 8
const BOTTOM = 34

/** Where values stand: the smallest at the bottom, or on top by their logarithm where they are ranks. */
function heights({ ticks, ranks = false }: LayerScale, plot: number) {
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)]
  const share = (value: number) =>
    ranks ? Math.log(value / low) / Math.log(high / low) : 1 - (value - low) / (high - low)
  return (value: number) => TOP + Math.min(1, Math.max(0, share(value))) * plot
}

/** Lines over the layers, embedding first; hover, or focus and arrow keys, read one layer. */
export function LayerLines(props: Props) {
  const { label, layers, series, scale, cutLayers, partsAt = null, active, onActive } = props
  const { textOf, zoom = 1 } = props
  const [width, height] = [props.width / zoom, props.height / zoom]
  const labels = series.filter(({ endLabel }) => endLabel)
  const room =
    labels.length === 0
      ? 12
      : 14 + CHARACTER * Math.max(...labels.map(({ endLabel = '' }) => endLabel.length))
  const [begin, end] = [LEFT + 10, Math.max(LEFT + 11, width - room - 4)]
  const step = (end - begin) / Math.max(1, layers.length - 1)
  const x = (layer: number) => begin + layer * step
  const y = heights(scale, height - TOP - BOTTOM)
  const every = Math.ceil((layers.length * 30) / Math.max(1, width - 50))
  const last = (values: readonly number[]) => y(values.at(-1) ?? 0)
  const lifts = spread(labels.map(({ key, values }) => ({ key, y: last(values) })))
  const read = ({ clientX, currentTarget }: PointerEvent<SVGSVGElement>) => {
    const from = clientX - currentTarget.getBoundingClientRect().left
    const layer = Math.round((from / zoom - begin) / step)
    onActive(Math.min(layers.length - 1, Math.max(0, layer)))
  }
  const upright = (layer: number, line: SVGProps<SVGLineElement>) => (
    <line x1={x(layer)} x2={x(layer)} y1={TOP} y2={height - BOTTOM} {...line} />
  )

  return (
    <Cursor
      label={`${label}. Arrow keys read the layers.`}
      count={layers.length}
      index={active}
      onMove={onActive}
      textOf={textOf}
      className="rounded-md"
    >
      <svg
        width={props.width}
        height={props.height}
        viewBox={`0 0 ${width} ${height}`}
        aria-hidden
        onPointerMove={read}
        onPointerLeave={() => onActive(null)}
      >
        <ValueTicks
          ticks={scale.ticks}
          y={y}
          left={LEFT}
          right={width - room}
          format={scale.format}
          gap={8}
        />
        {layers.map((name, layer) => (
          <LayerTick
            key={name}
            name={layer % every === 0 || layer === active ? name : null}
            x={x(layer)}
            y={height - BOTTOM + 8}
            isCut={cutLayers.includes(layer)}
            isActive={layer === active}
          />
        ))}
        {partsAt !== null && upright(partsAt, { stroke: 'var(--ink-3)', strokeDasharray: '1 3' })}
        {active !== null && upright(active, { stroke: 'var(--line-strong)' })}
        {series.map(({ key, color, dashed, strong = false, values }) => (
          <polyline
            key={key}
            points={values.map((value, layer) => `${x(layer)},${y(value)}`).join(' ')}
            fill="none"
            stroke={`var(${color})`}
            strokeWidth={strong ? 2.5 : 1.5}
            strokeLinejoin="round"
            strokeDasharray={dashed ? '5 4' : undefined}
          />
        ))}
        {labels.map(({ key, color, values, endLabel }) => (
          <text
            key={key}
            x={x(values.length - 1) + 7}
            y={last(values) + (lifts.get(key) ?? 0) + 4}
            className="font-mono"
            fontSize={12}
            fontWeight={600}
            fill={`var(${color})`}
          >
            {endLabel}
          </text>
        ))}
      </svg>
    </Cursor>
  )
}

type TickProps = {
  /** null where there is no room for it. */
  name: string | null
  x: number
  y: number
  isCut: boolean
  isActive: boolean
}

/** The name of a layer; where heads are cut there it carries a red cross. */
const LayerTick = ({ name, x, y, isCut, isActive }: TickProps) => (
  <g transform={`translate(${x} ${y})`}>
    {name !== null && (
      <text
        dy={10}
        textAnchor="middle"
        fontSize={12}
        fontWeight={isActive ? 700 : 400}
        fill={isActive ? 'var(--ink)' : 'var(--chart-axis)'}
      >
        {name === 'embed' ? 'emb' : name}
      </text>
    )}
    {isCut && (
      <path
        d="M-3.5 15l6 6M2.5 15l-6 6"
        stroke="var(--cut)"
        strokeWidth={2}
        strokeLinecap="round"
      />
    )}
  </g>
)
