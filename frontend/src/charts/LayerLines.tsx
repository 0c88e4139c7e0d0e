import { CartesianGrid, Line, LineChart, ReferenceLine, XAxis, YAxis } from 'recharts'
import { AXIS, GRID } from './axis'
import { Cursor } from './Cursor'

export type LayerSeries = {
  readonly key: string
  /** One value per layer. */
  readonly values: readonly number[]
  /** A theme variable. */
  readonly color: string
  readonly dashed: boolean
  readonly strong?: boolean
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
}

type TickProps = { x?: number | string; y?: number | string; payload?: { value: number | string } }

/** The name of a layer; where heads are cut there it carries a red cross. */
function LayerTick({
  x = 0,
  y = 0,
  payload,
  layers,
  cut,
  active,
  every,
}: TickProps & {
  layers: readonly string[]
  cut: readonly number[]
  active: number | null
  every: number
}) {
  const layer = Number(payload?.value ?? 0)
  const name = layers[layer] ?? ''
  const shown = layer % every === 0 || layer === active
  return (
    <g transform={`translate(${x} ${y})`}>
      {shown && (
        <text
          dy={10}
          textAnchor="middle"
          fontSize={11}
          fontWeight={layer === active ? 700 : 400}
          fill={layer === active ? 'var(--ink)' : 'var(--chart-axis)'}
        >
          {name === 'embed' ? 'emb' : name}
        </text>
      )}
      {cut.includes(layer) && (
        <path d="M-3 17l6 6M3 17l-6 6" stroke="var(--cut)" strokeWidth={2} strokeLinecap="round" />
      )}
    </g>
  )
}

/** Lines over the layers, embedding first; hover, or focus and arrow keys, read one layer. */
export function LayerLines(props: Props) {
  const { label, layers, series, scale, cutLayers, partsAt = null, active, onActive } = props
  const { textOf, width, height } = props
  const data = layers.map((_, layer) => ({
    layer,
    ...Object.fromEntries(series.map(({ key, values }) => [key, values[layer] ?? null])),
  }))
  const every = Math.ceil((layers.length * 30) / Math.max(1, width - 50))
  const [low = 0, high = 1] = [scale.ticks[0], scale.ticks.at(-1)]

  return (
    <Cursor
      label={`${label}. Arrow keys read the layers.`}
      count={layers.length}
      index={active}
      onMove={onActive}
      textOf={textOf}
      className="rounded-md"
    >
      <LineChart
        width={width}
        height={height}
        data={data}
        accessibilityLayer={false}
        margin={{ top: 8, right: 12, bottom: 12, left: 0 }}
        onMouseMove={(state) =>
          onActive(state.activeTooltipIndex == null ? null : Number(state.activeTooltipIndex))
        }
        onMouseLeave={() => onActive(null)}
      >
        <CartesianGrid vertical={false} {...GRID} />
        <XAxis
          dataKey="layer"
          {...AXIS}
          interval={0}
          height={16}
          padding={{ left: 10, right: 4 }}
          tick={<LayerTick layers={layers} cut={cutLayers} active={active} every={every} />}
        />
        <YAxis
          {...AXIS}
          width={44}
          scale={scale.ranks ? 'log' : 'linear'}
          reversed={scale.ranks ?? false}
          domain={[low, high]}
          allowDataOverflow
          ticks={[...scale.ticks]}
          interval={0}
          tickFormatter={scale.format}
        />
        {partsAt !== null && (
          <ReferenceLine x={partsAt} stroke="var(--ink-3)" strokeDasharray="1 3" />
        )}
        {active !== null && <ReferenceLine x={active} stroke="var(--line-strong)" />}
        {series.map(({ key, color, dashed, strong = false }) => (
          <Line
            key={key}
            dataKey={key}
            stroke={`var(${color})`}
            strokeWidth={strong ? 2.5 : 1.5}
            strokeDasharray={dashed ? '5 4' : undefined}
            dot={false}
            activeDot={false}
            isAnimationActive={false}
          />
        ))}
      </LineChart>
    </Cursor>
  )
}
