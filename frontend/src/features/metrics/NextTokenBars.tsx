import { useId } from 'react'
import type { NextToken } from '@/api/types'
import { Hatching } from '@/charts/LegendMark'
import { percent, visible } from '@/lib/format'
import { fromLogPlace, logPlace } from '@/lib/metrics'
import { likeliest } from '@/lib/nextToken'

type Candidate = NextToken['candidates'][number]

type Props = {
  candidates: readonly Candidate[]
  /** Of this many rows is the chart high, however few candidates there are. */
  rows: number
  logarithmic: boolean
  width: number
  active: number | null
  onActive: (index: number | null) => void
}

const ROW = 32
const BAR = 12
const LEFT = 100
const RIGHT = 56
const AXIS = 24
const LONGEST = 12
const LOG_TICKS = [0, 1 / 3, 2 / 3, 1]
const LINEAR_TICKS = [0, 0.25, 0.5, 0.75, 1]

export const barsHeight = (rows: number): number => rows * ROW + AXIS

const shorten = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)

/**
 * Pairs of bars, control above ablated; what each run puts first is bold. Drawn by hand: it
 * answers every click, and a charting library takes longer over it than the model.
 */
export function NextTokenBars(props: Props) {
  const { candidates, rows, logarithmic, width, active, onActive } = props
  const hatching = useId()
  const room = Math.max(40, width - LEFT - RIGHT)
  const place = (probability: number) =>
    LEFT + room * (logarithmic ? logPlace(probability) : probability)
  const firsts = [
    likeliest(candidates, 'control_logprob'),
    likeliest(candidates, 'ablated_logprob'),
  ]
  return (
    <svg
      width={width}
      height={barsHeight(rows)}
      aria-hidden
      className="block"
      onPointerLeave={() => onActive(null)}
    >
      <Hatching id={hatching} color="--chart-ablated" />
      <Axis logarithmic={logarithmic} room={room} height={rows * ROW} />
      {candidates.map((candidate, index) => (
        <Row
          key={candidate.id}
          candidate={candidate}
          top={index * ROW}
          width={width}
          place={place}
          hatching={hatching}
          strong={firsts.includes(index) || index === active}
          onPoint={() => onActive(index)}
        />
      ))}
    </svg>
  )
}

type RowProps = {
  candidate: Candidate
  top: number
  width: number
  place: (probability: number) => number
  hatching: string
  strong: boolean
  onPoint: () => void
}

function Row({ candidate, top, width, place, hatching, strong, onPoint }: RowProps) {
  const bars = [
    { run: 'control', value: Math.exp(candidate.control_logprob), y: top + 3 },
    { run: 'ablated', value: Math.exp(candidate.ablated_logprob), y: top + 3 + BAR + 1 },
  ]
  return (
    <g onPointerEnter={onPoint} fontSize={12}>
      <rect x={0} y={top} width={width} height={ROW} fill="transparent" />
      <text
        x={LEFT - 8}
        y={top + 20}
        textAnchor="end"
        className="font-mono"
        fontWeight={strong ? 700 : 400}
        fill={strong ? 'var(--ink)' : 'var(--chart-axis)'}
      >
        {shorten(visible(candidate.text))}
      </text>
      {bars.map(({ run, value, y }) => (
        <g key={run}>
          <rect
            x={LEFT}
            y={y}
            width={Math.max(1, place(value) - LEFT)}
            height={BAR}
            fill={run === 'control' ? 'var(--chart-control)' : `url(#${hatching})`}
            stroke={run === 'control' ? 'none' : 'var(--chart-ablated)'}
          />
          <text x={place(value) + 5} y={y + 10} fill="var(--ink-2)">
            {percent(value)}
          </text>
        </g>
      ))}
    </g>
  )
}

type AxisProps = { logarithmic: boolean; room: number; height: number }

function Axis({ logarithmic, room, height }: AxisProps) {
  const name = (at: number) =>
    logarithmic ? (at === 0 ? '≤0.0001 %' : percent(fromLogPlace(at))) : percent(at)
  return (
    <g fontSize={12} fill="var(--chart-axis)">
      {(logarithmic ? LOG_TICKS : LINEAR_TICKS).map((at) => (
        <g key={at} transform={`translate(${LEFT + at * room} 0)`}>
          <line y2={height} stroke="var(--chart-grid)" />
          <text y={height + 17} textAnchor="middle">
            {name(at)}
          </text>
        </g>
      ))}
    </g>
  )
}
