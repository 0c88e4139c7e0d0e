import { CartesianGrid, LabelList, Line, LineChart, ReferenceLine, XAxis, YAxis } from 'recharts'
import { AXIS, GRID } from './axis'
import { Cursor } from './Cursor'
import { EndLabel, LayerTick } from './layerMarks'
import { spread } from './spread'

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
}

const CHARACTER = 7.4

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
  const labels = series.filter(({ endLabel }) => endLabel)
  const room = 14 + CHARACTER * Math.max(...labels.map(({ endLabel = '' }) => endLabel.length))
  const plotHeight = height - 42
  const lifts = spread(
    labels.map(({ key, values }) => ({
      key,
      y: (1 - ((values.at(-1) ?? 0) - low) / (high - low)) * plotHeight,
    })),
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
      <LineChart
        width={width}
        height={height}
        data={data}
        accessibilityLayer={false}
        margin={{ top: 8, right: labels.length > 0 ? room : 12, bottom: 18, left: 0 }}
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
          width={52}
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
        {series.map(({ key, color, dashed, strong = false, endLabel, values }) => (
          <Line
            key={key}
            dataKey={key}
            stroke={`var(${color})`}
            strokeWidth={strong ? 2.5 : 1.5}
            strokeDasharray={dashed ? '5 4' : undefined}
            dot={false}
            activeDot={false}
            isAnimationActive={false}
          >
            {endLabel && (
              <LabelList
                content={
                  <EndLabel
                    last={values.length - 1}
                    text={endLabel}
                    color={color}
                    lift={lifts.get(key) ?? 0}
                  />
                }
              />
            )}
          </Line>
        ))}
      </LineChart>
    </Cursor>
  )
}
