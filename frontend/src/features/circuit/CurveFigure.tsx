import { useState } from 'react'
import { ChartFrame, type ChartState } from '@/charts/ChartFrame'
import { LineWithBand } from '@/charts/LineWithBand'
import { useWidth } from '@/charts/useWidth'
import type { CircuitTest } from '@/api/types'
import { tellInterval } from '@/lib/circuit'
import { count, number, tickFormat } from '@/lib/format'
import { niceTicks } from '@/lib/stats'
import { Term } from '@/ui/Term'

type Curve = NonNullable<CircuitTest['curve']>

type Props = { curve: Curve | null; state: ChartState }

const percentOf = (share: number) => `${Number((share * 100).toFixed(1))} %`

/** What the first heads of a ranking do together, from few to all, beside random rankings. */
export function CurveFigure({ curve, state }: Props) {
  const [active, setActive] = useState<number | null>(null)
  const { ref, width } = useWidth(640)
  const points = curve?.points ?? []
  const first = Math.log(points[0]?.share ?? 0.001)
  const reached = points.flatMap(({ f, random }) => [f, random?.low ?? f, random?.high ?? f])
  const ticks = niceTicks(Math.min(0, ...reached), Math.max(1, ...reached), 6)
  const textOf = (index: number) => {
    const point = points[index]
    if (!point) return ''
    const { share, size, f, interval, random } = point
    const spread = interval ? `, 95 % interval ${tellInterval(interval, number)}` : ''
    const chance = random
      ? `; random ${number(random.low)} to ${number(random.high)}, mean ${number(random.mean)}`
      : ''
    return `${percentOf(share)} of the heads, ${count(size, 'head')}: f ${number(f)}${spread}${chance}`
  }
  return (
    <ChartFrame
      name="Faithfulness from few heads to all"
      unit="f: 0 no head, 1 all"
      title={<Term id="circuitCurve">Faithfulness from few heads to all</Term>}
      state={state}
      svg
      height={320}
      legend={[
        { label: 'circuit first, then the rest by estimate', color: '--control', mark: 'line' },
        ...(points[0]?.random
          ? [{ label: 'random orders', color: '--ink-3', mark: 'dashed' } as const]
          : []),
      ]}
      caption={curve ? tellAreas(curve) : undefined}
      table={() => ({
        columns: [
          'Share',
          'Heads',
          'f',
          '95 % interval',
          'F',
          'Random mean',
          'Random low',
          'Random high',
        ],
        rows: points.map(({ share, size, f, interval, value, random }) => [
          percentOf(share),
          size,
          number(f),
          tellInterval(interval, number),
          number(value),
          random ? number(random.mean) : '',
          random ? number(random.low) : '',
          random ? number(random.high) : '',
        ]),
      })}
    >
      {() => (
        <div ref={ref}>
          <LineWithBand
            label="Faithfulness from few heads to all"
            points={points.map(({ share, f, random }) => ({
              at: 1 - Math.log(share) / first,
              label: percentOf(share).replace(' %', ''),
              value: f,
              band: random,
            }))}
            ticks={ticks}
            format={tickFormat(ticks)}
            marks={[1]}
            axis="share of all heads, %"
            active={active}
            onActive={setActive}
            textOf={textOf}
            width={width}
            height={300}
          />
          <p data-no-picture className="min-h-5 text-xs text-ink-2">
            {active === null ? '' : `${textOf(active)}.`}
          </p>
        </div>
      )}
    </ChartFrame>
  )
}

function tellAreas({ cpr, cmd, random_cpr, random_cmd }: Curve): string {
  const beside = (band: typeof random_cpr) => (band ? ` (random ${number(band.mean)})` : '')
  return `CPR, the area under f: ${number(cpr)}${beside(random_cpr)}; higher is better. CMD, its distance from 1: ${number(cmd)}${beside(random_cmd)}; 0 is best.`
}
