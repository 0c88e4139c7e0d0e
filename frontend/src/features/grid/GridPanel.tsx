import { useState, type ReactNode } from 'react'
import type { Token } from '@/api/types'
import { cutOf, invert, withEffect, withoutHeads, type Cuts } from '@/lib/cuts'
import type { Experiment } from '@/lib/experiment'
import { headName, isHead, type GridShape, type Head, type Site } from '@/lib/heads'
import type { HeadMarks } from '@/lib/headKinds'
import { lacks, methodNamed, worksOn, type Methods } from '@/lib/methods'
import { largest, readout, valueAt, type GridLayer } from '@/lib/layer'
import { Button } from '@/ui/Button'
import { Panel } from '@/ui/Panel'
import { Term } from '@/ui/Term'
import { CutChips } from './CutChips'
import { CutGrid } from './CutGrid'
import { GridTools } from './GridTools'
import { Legend, LegendNote } from './Legend'
import { MethodPicker } from './MethodPicker'

type Options = { push?: boolean; typing?: boolean }

type Props = {
  experiment: Experiment
  shape: GridShape
  methods: Methods
  tokens: readonly Token[] | null
  /** The scores. */
  layer: GridLayer | null
  stale: boolean
  /** Chooses the score. */
  scorePicker: ReactNode
  /** Kinds of heads marked on the cells. */
  marks: HeadMarks | null
  /** Chooses the marks and says what they mean. */
  marksBar: ReactNode
  /** How the measurement goes, where there is something to say. */
  scoreStatus: ReactNode | null
  /** What the scores cannot show, in a sentence. */
  scoreNote: string | null
  /** Cuts of the link that this model cannot make. */
  hidden: Cuts
  onForgetHidden: () => void
  onUpdate: (patch: Partial<Experiment>, options?: Options) => void
  onInspect: (head: Head) => void
  /** Cuts the top heads; why it cannot now; what went wrong when it was tried. */
  onTop: (k: number) => void
  topBlocked: string | null
  topError: ReactNode | null
}

/** Why the brush cannot cut a site; null when it can. */
function refusalOf({ brush }: Experiment, methods: Methods, site: Site): string | null {
  const method = methodNamed(methods, brush.method)
  if (method && !worksOn(method, site)) {
    const others = methods.filter((other) => worksOn(other, site)).map(({ name }) => name)
    const what = isHead(site) ? 'a head' : 'an MLP'
    return `“${method.name}” cannot be done to ${what}: choose ${others.join(' or ')}.`
  }
  return lacks(methods, brush)
}

export function GridPanel(props: Props) {
  const { experiment, shape, methods, layer, onUpdate, onInspect } = props
  const { cuts, brush } = experiment
  const isKnown = layer !== null && largest(layer) > 0
  const [pointed, setPointed] = useState<Site | null>(null)
  const [refused, setRefused] = useState<string | null>(null)

  function change(next: Cuts, patch: Partial<Experiment> = {}) {
    const refusals = new Map(
      next
        .filter((cut) => !cutOf(cuts, cut))
        .map((cut) => [headName(cut), refusalOf(experiment, methods, cut)]),
    )
    const possible = next.filter((cut) => !refusals.get(headName(cut)))
    setRefused([...refusals.values()].find((reason) => reason !== null) ?? null)
    const isSame = possible.length === cuts.length && possible.every((cut) => cutOf(cuts, cut))
    onUpdate(isSame ? patch : { cuts: possible, ...patch }, { push: !isSame })
  }

  return (
    <Panel
      title={<Term id="head">Attention heads</Term>}
      actions={
        // Two lines whatever it says: a grid that moves puts another cell under the pointer.
        <p className="tabular line-clamp-2 min-h-8 max-w-52 content-center text-right text-xs text-ink-3">
          {pointed
            ? readout(pointed, layer, cutOf(cuts, pointed), props.marks)
            : `${cuts.length} cut · click or drag to cut`}
        </p>
      }
      className="relative overflow-y-auto px-2! sm:px-4! sm:py-3! lg:h-full lg:max-xl:px-3! low:py-2!"
    >
      {/* Where it is narrow, what stands above the grid takes a line each all the same. */}
      <div className="@container grid gap-2">
        <div className="grid gap-1.5">
          {props.scorePicker}
          <MethodPicker
            brush={brush}
            methods={methods}
            onChange={(next, options) => onUpdate({ brush: next }, options)}
          />
        </div>
        <CutGrid
          shape={shape}
          cuts={cuts}
          brush={brush}
          layer={layer}
          stale={props.stale}
          marks={props.marks}
          inspected={experiment.focus}
          onCutsChange={(next, site) => change(next, isHead(site) ? { focus: site } : {})}
          onInspect={onInspect}
          onPoint={setPointed}
        />
        <div className="grid min-h-9 content-start gap-1">
          {isKnown && <Legend layer={layer} value={pointed && valueAt(layer, pointed)} />}
          {props.scoreStatus ?? (isKnown && <LegendNote layer={layer} />)}
        </div>
        {refused && (
          <p role="status" className="text-xs text-warn">
            {refused}
          </p>
        )}
        <GridTools
          nHeads={shape.nLayers * shape.nHeads}
          onTop={props.onTop}
          topBlocked={props.topBlocked ?? lacks(methods, brush)}
          onClear={cuts.length ? () => change([]) : null}
          onInvert={() => change(invert(cuts, shape, brush))}
        />
        {props.topError}
        <CutChips
          cuts={cuts}
          methods={methods}
          tokens={props.tokens}
          onRemove={(site) => change(withoutHeads(cuts, [site]))}
          onEffect={(site, effect, options) =>
            onUpdate({ cuts: withEffect(cuts, site, effect) }, options)
          }
          onInspect={onInspect}
        />
        {props.scoreNote && <p className="text-xs text-pretty text-ink-2">{props.scoreNote}</p>}
        {props.marksBar}
        {props.hidden.length > 0 && (
          <div className="flex flex-wrap items-center gap-2 text-xs text-ink-2">
            <p className="min-w-0 flex-1 basis-56">
              This model cannot make {props.hidden.map(headName).join(', ')}; the link keeps{' '}
              {props.hidden.length === 1 ? 'it' : 'them'}.
            </p>
            <Button size="small" look="quiet" onClick={props.onForgetHidden}>
              Drop from the link
            </Button>
          </div>
        )}
      </div>
    </Panel>
  )
}
