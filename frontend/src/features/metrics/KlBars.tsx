import { Bar, BarChart, CartesianGrid, ReferenceLine, XAxis, YAxis } from 'recharts'
import type { TokenMetrics } from '@/api/types'
import { AXIS, GRID, TokenTick } from '@/charts/axis'
import { visible } from '@/lib/format'
import { niceTicks } from '@/lib/stats'

type Props = {
  tokens: readonly TokenMetrics[]
  promptLength: number
  width: number
  active: number | null
  onActive: (index: number | null) => void
  onOpen: (index: number) => void
}

type ShapeProps = {
  x?: number
  y?: number
  width?: number
  height?: number
  index?: number
  payload?: { changed: boolean }
}

const LEFT = 40

/** A bar; where the first choice changed it is red and carries a triangle. */
function KlBar({
  x = 0,
  y = 0,
  width = 0,
  height = 0,
  payload,
  active,
}: ShapeProps & { active: boolean }) {
  const changed = payload?.changed ?? false
  const middle = x + width / 2
  const size = Math.min(4, Math.max(2, width / 2))
  return (
    <g fill={changed ? 'var(--chart-ablated)' : 'var(--chart-axis)'}>
      <rect
        x={x}
        y={y - (height < 1 ? 1 : 0)}
        width={width}
        height={Math.max(height, 1)}
        fillOpacity={active ? 1 : changed ? 0.85 : 0.6}
      />
      {changed && (
        <path d={`M${middle} ${y - 3 - 2 * size}l${size} ${2 * size - 1}h${-2 * size}z`} />
      )}
    </g>
  )
}

/** The bars themselves, one per predicted token, with the end of the prompt marked. */
export function KlBars({ tokens, promptLength, width, active, onActive, onOpen }: Props) {
  const data = tokens.map(({ kl, top1_changed }, index) => ({ index, kl, changed: top1_changed }))
  const ticks = niceTicks(0, Math.max(0.01, ...tokens.map(({ kl }) => kl)), 4)
  const roomy = (width - LEFT) / Math.max(1, tokens.length) >= 13
  const boundary = tokens.findIndex(({ position }) => position >= promptLength)
  const indexOf = (state: { activeTooltipIndex?: number | string | null | undefined }) =>
    state.activeTooltipIndex == null ? null : Number(state.activeTooltipIndex)

  return (
    <BarChart
      width={width}
      height={roomy ? 220 : 170}
      data={data}
      accessibilityLayer={false}
      margin={{ top: 20, right: 8, bottom: roomy ? 58 : 22, left: 0 }}
      barCategoryGap="18%"
      className="cursor-pointer"
      onMouseMove={(state) => onActive(indexOf(state))}
      onMouseLeave={() => onActive(null)}
      onClick={(state) => {
        const index = indexOf(state)
        if (index !== null) onOpen(index)
      }}
    >
      <CartesianGrid vertical={false} {...GRID} />
      <XAxis
        dataKey="index"
        {...AXIS}
        height={1}
        interval={roomy ? 0 : 'preserveStartEnd'}
        tick={
          roomy ? (
            <TokenTick
              angle={-55}
              textOf={(i) => shorten(visible(tokens[i]?.text ?? ''))}
              strong={(i) => i === active}
            />
          ) : (
            AXIS.tick
          )
        }
        tickFormatter={(i: number) => String(tokens[i]?.position ?? '')}
      />
      <YAxis
        {...AXIS}
        width={LEFT}
        ticks={ticks}
        domain={[0, ticks.at(-1) ?? 1]}
        tickFormatter={String}
      />
      {boundary > 0 && (
        <ReferenceLine
          x={boundary}
          position="start"
          stroke="var(--chart-axis)"
          strokeDasharray="2 3"
          label={{
            value: 'prompt ┊ continuation',
            position: 'top',
            fontSize: 12,
            fill: 'var(--chart-axis)',
          }}
        />
      )}
      <Bar
        dataKey="kl"
        isAnimationActive={false}
        shape={(props: ShapeProps) => <KlBar {...props} active={props.index === active} />}
      />
    </BarChart>
  )
}

const shorten = (text: string) => (text.length > 9 ? `${text.slice(0, 8)}…` : text)
