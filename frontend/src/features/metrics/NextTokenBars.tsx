import { useId } from 'react'
import { Bar, BarChart, CartesianGrid, LabelList, XAxis, YAxis } from 'recharts'
import type { NextToken } from '@/api/types'
import { AXIS, GRID, TokenTick } from '@/charts/axis'
import { Hatching } from '@/charts/LegendMark'
import { percent, visible } from '@/lib/format'
import { fromLogPlace, logPlace } from '@/lib/metrics'
import { likeliest } from '@/lib/nextToken'

type Props = {
  candidates: NextToken['candidates']
  /** Of this many rows is the chart high, however few candidates there are. */
  rows: number
  logarithmic: boolean
  width: number
  active: number | null
  onActive: (index: number | null) => void
}

const ROW = 32
const LONGEST = 12

export const barsHeight = (rows: number): number => rows * ROW + 26

const shorten = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)

const LOG_TICKS = [0, 1 / 3, 2 / 3, 1]
const LINEAR_TICKS = [0, 0.25, 0.5, 0.75, 1]

/** Pairs of bars, control above ablated; what each run puts first is bold. */
export function NextTokenBars(props: Props) {
  const { candidates, rows, logarithmic, width, active, onActive } = props
  const pattern = useId()
  const place = (logprob: number) => (logarithmic ? logPlace(Math.exp(logprob)) : Math.exp(logprob))
  const data = candidates.map(({ control_logprob, ablated_logprob }, index) => ({
    index,
    control: place(control_logprob),
    ablated: place(ablated_logprob),
    controlText: percent(Math.exp(control_logprob)),
    ablatedText: percent(Math.exp(ablated_logprob)),
  }))
  const firsts = [
    likeliest(candidates, 'control_logprob'),
    likeliest(candidates, 'ablated_logprob'),
  ]
  const label = { position: 'right', fontSize: 12, fill: 'var(--ink-2)' } as const

  return (
    <BarChart
      layout="vertical"
      width={width}
      height={barsHeight(rows)}
      data={data}
      accessibilityLayer={false}
      margin={{ top: 0, right: 54, bottom: 0, left: 4 }}
      barCategoryGap={5}
      barGap={1}
      onMouseMove={(state) =>
        onActive(state.activeTooltipIndex == null ? null : Number(state.activeTooltipIndex))
      }
      onMouseLeave={() => onActive(null)}
    >
      <Hatching id={pattern} color="--chart-ablated" />
      <CartesianGrid horizontal={false} {...GRID} />
      <XAxis
        type="number"
        {...AXIS}
        height={22}
        domain={[0, 1]}
        ticks={logarithmic ? LOG_TICKS : LINEAR_TICKS}
        tickFormatter={(value: number) =>
          logarithmic ? (value === 0 ? '≤0.0001 %' : percent(fromLogPlace(value))) : percent(value)
        }
      />
      <YAxis
        type="category"
        dataKey="index"
        {...AXIS}
        interval={0}
        width={LONGEST * 7.4 + 8}
        tick={
          <TokenTick
            textOf={(i) => shorten(visible(candidates[i]?.text ?? ''))}
            strong={(i) => firsts.includes(i) || i === active}
          />
        }
      />
      <Bar dataKey="control" fill="var(--chart-control)" isAnimationActive={false} minPointSize={1}>
        <LabelList dataKey="controlText" {...label} />
      </Bar>
      <Bar
        dataKey="ablated"
        fill={`url(#${pattern})`}
        stroke="var(--chart-ablated)"
        isAnimationActive={false}
        minPointSize={1}
      >
        <LabelList dataKey="ablatedText" {...label} />
      </Bar>
    </BarChart>
  )
}
