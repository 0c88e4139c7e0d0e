import { useState } from 'react'
import { ChartFrame } from '@/charts/ChartFrame'
import { LayerLines, type LayerSeries } from '@/charts/LayerLines'
import type { LegendItem } from '@/charts/types'
import { useWidth } from '@/charts/useWidth'
import { percent, visible } from '@/lib/format'
import { seriesOf, type Lens, type LensSeries } from '@/lib/lens'
import { niceTicks } from '@/lib/stats'
import { Term } from '@/ui/Term'
import { TokenChip } from './TokenChip'

type Props = {
  lens: Lens
  cutLayers: readonly number[]
  partsAt: number | null
  layer: number | null
  onLayer: (layer: number | null) => void
  /** Of the lines, in pixels. */
  height?: number
  /** How many times as large as elsewhere their type is. */
  zoom?: number
}

const NAME = 'Probability over the layers'
const SHOWN_AT_FIRST = 4
const OTHERS = ['--chart-3', '--chart-2', '--chart-4', '--chart-5', '--chart-6']

const RUNS: readonly LegendItem[] = [
  { label: 'control', color: '--ink-2', mark: 'line' },
  { label: 'ablated', color: '--ink-2', mark: 'dashed' },
]
const CUTS: LegendItem = { label: 'layer with cut heads', color: '--cut', mark: 'cross' }

/** The control's answer is blue, what ablated says instead is red, all others have other hues. */
function colored(series: readonly LensSeries[]) {
  let others = 0
  return series.map((one) => ({
    ...one,
    color:
      one.answerOf === null
        ? (OTHERS[others++ % OTHERS.length] ?? '--chart-6')
        : one.answerOf === 'ablated'
          ? '--chart-ablated'
          : '--chart-control',
  }))
}

const shorten = (text: string) => (text.length > 10 ? `${text.slice(0, 9)}…` : text)

/** Two lines for a token; an answer is named where the run that gives it ends. */
function linesOf({
  id,
  text,
  color,
  answerOf,
  control,
  ablated,
}: ReturnType<typeof colored>[number]) {
  const strong = answerOf !== null
  const name = shorten(visible(text))
  const lines: LayerSeries[] = [
    { key: `c${id}`, values: control, color, dashed: false, strong },
    { key: `a${id}`, values: ablated, color, dashed: true, strong },
  ]
  const named = answerOf === 'ablated' ? 1 : 0
  return lines.map((line, i) => (strong && i === named ? { ...line, endLabel: name } : line))
}

/** Zero to all where something is likely, else as far as the lines go. */
function scaleOf(shown: readonly LensSeries[]) {
  const most = Math.max(0.01, ...shown.flatMap(({ control, ablated }) => [...control, ...ablated]))
  return { ticks: most > 0.5 ? [0, 0.25, 0.5, 0.75, 1] : niceTicks(0, most), format: percent }
}

function at({ control, ablated }: LensSeries, layer: number): string {
  const [before, after] = [percent(control[layer] ?? 0), percent(ablated[layer] ?? 0)]
  return before === after ? before : `${before} → ${after}`
}

/** One line per likely token, control solid and ablated dashed: where the layers change their mind. */
export function TokenLines(props: Props) {
  const { lens, cutLayers, partsAt, layer, onLayer, height = 260, zoom } = props
  const [flipped, setFlipped] = useState<ReadonlySet<number>>(new Set())
  const { ref, width } = useWidth()
  const { layers } = lens
  const all = colored(seriesOf(lens, 0))
  const isShown = (id: number, index: number) => index < SHOWN_AT_FIRST !== flipped.has(id)
  const shown = all.filter(({ id }, index) => isShown(id, index))
  const textOf = (at_: number) =>
    `${layers[at_]}: ${shown.map((one) => `${visible(one.text)} ${at(one, at_)}`).join(', ')}`
  const toggle = (id: number) =>
    setFlipped(
      new Set(flipped.has(id) ? [...flipped].filter((other) => other !== id) : [...flipped, id]),
    )
  const reading = layer ?? layers.length - 1

  return (
    <ChartFrame
      name={NAME}
      title={<Term id="logitLens">{NAME}</Term>}
      legend={cutLayers.length > 0 ? [...RUNS, CUTS] : RUNS}
      height={height + 40}
      caption={
        partsAt === null
          ? undefined
          : `The dotted line is ${layers[partsAt]}, where the answers part for good.`
      }
      table={() => ({
        columns: [
          'Layer',
          ...all.flatMap(({ text }) => [`${visible(text)} control`, `${visible(text)} ablated`]),
        ],
        rows: layers.map((name, l) => [
          name,
          ...all.flatMap(({ control, ablated }) => [
            percent(control[l] ?? 0),
            percent(ablated[l] ?? 0),
          ]),
        ]),
      })}
    >
      {() => (
        <div ref={ref}>
          <LayerLines
            label={NAME}
            layers={layers}
            series={shown.flatMap(linesOf)}
            scale={scaleOf(shown)}
            cutLayers={cutLayers}
            partsAt={partsAt}
            active={layer}
            onActive={onLayer}
            textOf={textOf}
            width={width}
            height={height}
            zoom={zoom}
          />
          <div data-no-picture className="mt-2 flex flex-wrap items-center gap-1.5 text-xs">
            <span className="tabular w-12 text-ink-2">{layers[reading]}</span>
            {all.map((one, index) => (
              <TokenChip
                key={one.id}
                text={one.text}
                color={one.color}
                reading={at(one, reading)}
                note={one.isTarget && one.answerOf === null ? 'in the text' : null}
                shown={isShown(one.id, index)}
                onToggle={() => toggle(one.id)}
              />
            ))}
          </div>
        </div>
      )}
    </ChartFrame>
  )
}
