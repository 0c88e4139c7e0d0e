import { memo } from 'react'
import { CartesianGrid, ReferenceLine, Scatter, ScatterChart, XAxis, YAxis } from 'recharts'
import { AXIS, GRID } from '@/charts/axis'
import { cutOf, type Cuts } from '@/lib/cuts'
import { headName, sameHead, type Head } from '@/lib/heads'
import { axisOf, labelled, type Axis, type Point } from '@/lib/scatter'
import { ScoreDot } from './ScoreDot'

type Props = {
  points: readonly Point[]
  cuts: Cuts
  scale: 'linear' | 'log'
  xName: string
  yName: string
  /** How numbers are read at the ticks. */
  xFormat?: (value: number) => string
  yFormat?: (value: number) => string
  /** Draws where both are the same. */
  diagonal?: boolean
  width: number
  active: number | null
  onActive: (index: number) => void
  onPick: (head: Head) => void
}

const axisProps = (axis: Axis) => ({
  ...AXIS,
  type: 'number' as const,
  domain: [...axis.domain],
  ticks: axis.ticks.map(({ place }) => place),
  interval: 0,
  tickFormatter: (place: number) =>
    axis.ticks.find((tick) => Math.abs(tick.place - place) < 1e-9)?.label ?? '',
})

/** As much of an axis' name as there is room for. */
const fitting = (name: string, width: number) => {
  const most = Math.max(8, Math.floor(width / LETTER))
  return name.length > most ? `${name.slice(0, most - 1)}…` : name
}

const within = ([low, high]: Axis['domain'], place: number) => (place - low) / (high - low || 1)

/** Pixels of a letter of an axis' name, on the average. */
const LETTER = 6.4

/** Pixels that a name like L10H11 takes. */
const NAME_ROOM = [60, 18] as const

const DASHED = { stroke: 'var(--line-strong)', strokeDasharray: '4 4' } as const

/** From end to end of where both axes reach. */
function equal(x: Axis, y: Axis) {
  const low = Math.max(x.domain[0], y.domain[0])
  const high = Math.min(x.domain[1], y.domain[1])
  return [
    { x: low, y: low },
    { x: high, y: high },
  ] as const
}

/** One mark per head: a dot, or a red cross where it is cut; the extremes carry their names. */
export const ScorePoints = memo(function ScorePoints(props: Props) {
  const { points, cuts, scale, xName, yName, width, active, onActive, onPick } = props
  const x = axisOf(
    points.map((p) => p.x),
    scale,
    props.xFormat,
  )
  const y = axisOf(
    points.map((p) => p.y),
    scale,
    props.yFormat,
  )
  const height = Math.max(280, Math.min(420, width * 0.7))
  const named = labelled(
    points,
    (p) => [within(x.domain, x.place(p.x)) * width, within(y.domain, y.place(p.y)) * height],
    NAME_ROOM,
    width < 500 ? 6 : 12,
  )
  const data = points.map((point, index) => ({
    index,
    across: x.place(point.x),
    up: y.place(point.y),
    name: headName(point.head),
    cut: cutOf(cuts, point.head) !== undefined,
    named: [...named, ...cuts].some((head) => sameHead(head, point.head)),
  }))
  const title = { fontSize: 12, fill: 'var(--ink-2)' }

  return (
    <ScatterChart
      width={width}
      height={height}
      accessibilityLayer={false}
      margin={{ top: 28, right: 34, bottom: 14, left: 6 }}
    >
      <CartesianGrid {...GRID} />
      <XAxis
        dataKey="across"
        {...axisProps(x)}
        label={{
          value: `${fitting(xName, width - 90)} →`,
          position: 'insideBottomRight',
          offset: -12,
          ...title,
        }}
      />
      <YAxis dataKey="up" {...axisProps(y)} width={52} />
      <text x={6} y={14} {...title}>
        ↑ {fitting(yName, width - 30)}
      </text>
      {x.domain[0] < 0 && <ReferenceLine x={0} stroke="var(--line-strong)" />}
      {y.domain[0] < 0 && <ReferenceLine y={0} stroke="var(--line-strong)" />}
      {props.diagonal && <ReferenceLine segment={equal(x, y)} {...DASHED} />}
      <Scatter
        data={data}
        isAnimationActive={false}
        shape={(shape: object) => (
          <ScoreDot
            {...shape}
            onActive={onActive}
            onPick={(index) => points[index] && onPick(points[index].head)}
          />
        )}
      />
      {/* The head being read once more, over its neighbours and out of the pointer's way. */}
      <Scatter
        data={active === null ? [] : data.slice(active, active + 1)}
        isAnimationActive={false}
        className="pointer-events-none"
        shape={(shape: object) => <ScoreDot {...shape} read />}
      />
    </ScatterChart>
  )
})
