import type { ReactNode } from 'react'
import { ChartFrame } from '@/charts/ChartFrame'
import { LayerLines, type LayerScale } from '@/charts/LayerLines'
import type { LegendItem } from '@/charts/types'
import { useWidth } from '@/charts/useWidth'
import { number, visible } from '@/lib/format'
import type { Lens, LensRun } from '@/lib/lens'
import { niceTicks } from '@/lib/stats'
import { Term } from '@/ui/Term'

type Props = {
  lens: Lens
  /** Text of the token whose rank is followed. */
  target: string
  cutLayers: readonly number[]
  partsAt: number | null
  layer: number | null
  onLayer: (layer: number | null) => void
}

const RUNS: readonly LegendItem[] = [
  { label: 'control', color: '--chart-control', mark: 'line' },
  { label: 'ablated', color: '--chart-ablated', mark: 'dashed' },
]

type Multiple = {
  name: string
  title: ReactNode
  unit?: string
  values: (run: LensRun) => number[]
  scaleOf: (most: number) => LayerScale
  format: (value: number) => string
}

const linear = (most: number): LayerScale => ({
  ticks: niceTicks(0, Math.max(0.1, most), 4),
  format: String,
})

const powers = (most: number): LayerScale => ({
  ticks: [1, 10, 100, 1000, 10_000, 100_000].filter((tick) => tick === 1 || tick < most * 10),
  format: (value) => (value >= 1000 ? `${value / 1000}k` : String(value)),
  ranks: true,
})

const multiplesOf = (target: string): Multiple[] => [
  {
    name: `Rank of ${visible(target)}`,
    title: (
      <>
        <Term id="rank">Rank</Term> of <span className="font-mono">{visible(target)}</span>
      </>
    ),
    unit: '1 is first',
    values: (run) => run.target_rank.map((layer) => (layer[0] ?? 0) + 1),
    scaleOf: powers,
    format: String,
  },
  {
    name: 'Entropy',
    title: <Term id="entropy">Entropy</Term>,
    unit: 'nats',
    values: (run) => run.entropy.map((layer) => layer[0] ?? 0),
    scaleOf: linear,
    format: number,
  },
  {
    name: 'KL to the final layer',
    title: <Term id="kl">KL to the final layer</Term>,
    unit: 'nats',
    values: (run) => run.kl_to_final.map((layer) => layer[0] ?? 0),
    scaleOf: linear,
    format: number,
  },
]

/** Rank, entropy and distance to the final belief over the layers, small and side by side. */
export function LensMultiples({ target, ...shared }: Props) {
  return (
    <div className="grid gap-x-6 gap-y-4 @2xl:grid-cols-3">
      {multiplesOf(target).map((multiple) => (
        <MultipleChart key={multiple.name} {...shared} multiple={multiple} />
      ))}
    </div>
  )
}

function MultipleChart({
  lens,
  multiple,
  layer,
  onLayer,
  ...marks
}: Omit<Props, 'target'> & { multiple: Multiple }) {
  const { ref, width } = useWidth(300)
  const { name, title, unit, values, scaleOf, format } = multiple
  const [control, ablated] = [values(lens.control), values(lens.ablated)]
  const reading = layer ?? lens.layers.length - 1
  const textOf = (l: number) =>
    `${lens.layers[l]}: ${format(control[l] ?? 0)} control, ${format(ablated[l] ?? 0)} ablated`

  return (
    <ChartFrame
      name={name}
      title={title}
      unit={unit}
      legend={RUNS}
      height={150}
      table={() => ({
        columns: ['Layer', 'Control', 'Ablated'],
        rows: lens.layers.map((at, l) => [at, format(control[l] ?? 0), format(ablated[l] ?? 0)]),
      })}
    >
      {() => (
        <div ref={ref}>
          <LayerLines
            label={name}
            layers={lens.layers}
            series={[
              {
                key: 'control',
                values: control,
                color: '--chart-control',
                dashed: false,
                strong: true,
              },
              {
                key: 'ablated',
                values: ablated,
                color: '--chart-ablated',
                dashed: true,
                strong: true,
              },
            ]}
            scale={scaleOf(Math.max(...control, ...ablated))}
            active={layer}
            onActive={onLayer}
            textOf={textOf}
            width={width}
            height={150}
            {...marks}
          />
          <p data-no-picture className="tabular text-xs text-ink-3">
            {textOf(reading)}
          </p>
        </div>
      )}
    </ChartFrame>
  )
}
