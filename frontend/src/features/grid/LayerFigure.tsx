import { useState, type ReactNode } from 'react'
import { ChartFrame, type ChartState } from '@/charts/ChartFrame'
import { cutOf, tellEffect, type Cuts } from '@/lib/cuts'
import { tellMarks, type HeadMarks } from '@/lib/headKinds'
import { headName, isHead, type GridShape, type Head, type Site } from '@/lib/heads'
import { formatOf, largest, valueAt, type GridLayer } from '@/lib/layer'
import { HeadGrid } from './HeadGrid'
import { Legend, legendWords } from './Legend'

type Props = {
  /** Names the figure, its table and its picture. */
  name: string
  title?: ReactNode
  shape: GridShape
  hasMlps?: boolean
  layer: GridLayer | null
  stale: boolean
  state: ChartState
  /** Cut in every run. */
  cuts?: Cuts
  marks?: HeadMarks | null
  focus: Head | null
  onFocus: (head: Head) => void
  /** What a press is good for, while no head is looked at. */
  hint?: string
  /** How the measurement goes, under the legend. */
  status: ReactNode | null
}

const NO_CUTS: Cuts = []
const HINT = 'Press a head to look at it: its positions, its paths, its partners.'

/** The grid as a figure: its numbers as colours, as a table and as a picture; a press looks at a head. */
export function LayerFigure(props: Props) {
  const { name, title, shape, layer, stale, state, focus, onFocus, status } = props
  const { cuts = NO_CUTS, marks = null, hint = HINT, hasMlps } = props
  const [pointed, setPointed] = useState<Site | null>(null)
  const choose = (site: Site | undefined) => {
    if (site && isHead(site)) onFocus({ layer: site.layer, head: site.head })
  }
  const read = (site: Site) => {
    const value = valueAt(layer, site)
    const cut = cutOf(cuts, site)
    return [
      layer && value !== null
        ? `${headName(site)} ${layer.name} ${formatOf(layer)(value)} ${layer.unit}`.trim()
        : headName(site),
      cut && `cut by ${tellEffect(cut)}`,
      tellMarks(marks, site),
    ]
      .filter(Boolean)
      .join(' · ')
  }
  const rows = () =>
    (layer?.values ?? []).flatMap((heads, at) =>
      [...heads.keys(), null]
        .map((head) => ({ site: { layer: at, head }, value: valueAt(layer, { layer: at, head }) }))
        .filter(({ value }) => value !== null)
        .map(({ site, value }) => [headName(site), layer ? formatOf(layer)(value ?? 0) : '']),
    )
  return (
    <ChartFrame
      name={name}
      title={title}
      state={state}
      height={360}
      caption={layer ? `${legendWords(layer).join(' · ')}.` : undefined}
      table={() => ({ columns: ['Head', layer?.name ?? ''], rows: rows() })}
    >
      {() => (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
          <HeadGrid
            label={`${name}: a row for each layer. Space or Enter looks at a head.`}
            shape={shape}
            hasMlps={hasMlps}
            layer={layer}
            stale={stale && layer !== null}
            cuts={cuts}
            marks={marks}
            inspected={focus}
            tool={{ press: ([site]) => choose(site), open: choose, many: false }}
            onPoint={setPointed}
          />
          <div data-no-picture className="grid min-h-14 content-start gap-1">
            {layer && !layer.isMembership && largest(layer) > 0 && (
              <Legend layer={layer} value={pointed && valueAt(layer, pointed)} />
            )}
            <p className="tabular min-h-4.5 text-xs text-ink-2">
              {pointed ? read(pointed) : focus ? read(focus) : hint}
            </p>
            {status}
          </div>
        </div>
      )}
    </ChartFrame>
  )
}
