import { useMemo, type ReactNode } from 'react'
import { CutChips } from '@/features/grid/CutChips'
import { LayerFigure } from '@/features/grid/LayerFigure'
import { MarksBar } from '@/features/marks/MarksBar'
import { useMarks } from '@/features/marks/useMarks'
import { PathControls } from '@/features/patch/PathControls'
import { PatchingControls } from '@/features/patch/PatchingControls'
import { PositionMap } from '@/features/patch/PositionMap'
import { withEffect, withoutHeads } from '@/lib/cuts'
import type { TermId } from '@/lib/terms'
import { headName } from '@/lib/heads'
import { interactionLayer, knownPairs, type Interactions } from '@/lib/interactions'
import { knownValues, type GridLayer } from '@/lib/layer'
import { effectFormat, effectsAt, effectWords, patchLayer } from '@/lib/patching'
import { DEFAULT_PATCH, type Patch } from '@/lib/patch'
import { pathLayer } from '@/lib/paths'
import { repairLayer } from '@/lib/repair'
import { attributionLayer } from '@/lib/waterfall'
import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'
import { Panel } from '@/ui/Panel'
import { Term } from '@/ui/Term'
import { useLast } from '@/ui/useLast'
import { StreamStatus } from './StreamStatus'
import type { Page } from './usePage'

type Shown = {
  /** Names the figure. */
  readonly name: string
  readonly term: TermId
  readonly layer: GridLayer | null
  /** The numbers are of before. */
  readonly stale?: boolean
  readonly status: ReactNode
}

/** What the grid shows under the chosen tab. */
function useShown(page: Page): Shown {
  const { patch, shape, whole, attribution, paths, interactions, repair } = page
  const { tab, component, direction, metric, focus, input, flow } = patch
  const layer = useMemo((): GridLayer | null => {
    switch (tab) {
      case 'attribution':
        return attribution.data ? attributionLayer(attribution.data) : null
      case 'paths':
        return paths.paths && focus
          ? pathLayer(paths.paths, focus, input, flow, metric, shape)
          : null
      case 'interactions':
        return interactions.known && focus
          ? interactionLayer(interactions.known, focus, metric, shape)
          : null
      case 'repair':
        return repair.result ? repairLayer(repair.result, focus) : null
      case 'patching':
      case 'code':
        return whole.patched ? patchLayer({ component, direction, metric }, whole.patched) : null
    }
  }, [
    tab,
    component,
    direction,
    metric,
    focus,
    input,
    flow,
    shape,
    whole.patched,
    attribution.data,
    paths.paths,
    interactions.known,
    repair.result,
  ])
  const of = focus ? headName(focus) : 'every head'
  switch (tab) {
    case 'attribution':
      return {
        name: 'Direct attribution of every head',
        term: 'directAttribution',
        layer,
        stale: attribution.isPlaceholderData,
        status: attribution.error && (
          <ErrorNote error={attribution.error} onRetry={() => void attribution.refetch()} />
        ),
      }
    case 'paths':
      return {
        name: flow === 'into' ? `What feeds the ${input} of ${of}` : `Whose ${input} ${of} feeds`,
        term: 'path',
        layer,
        status: <StreamStatus view={paths} share={null} what="paths" />,
      }
    case 'interactions':
      return {
        name: `Interactions of ${of}`,
        term: 'interaction',
        layer,
        status: interactions.isAsked && (
          <StreamStatus
            view={interactions}
            share={interactions.known && shareOfPairs(interactions.known)}
            what="pairs"
          />
        ),
      }
    case 'repair':
      return {
        name: focus ? `Who moves when ${of} is cut` : 'What the others make of each cut',
        term: 'selfRepair',
        layer,
        status: <StreamStatus view={repair} share={repair.partial?.done ?? null} what="cuts" />,
      }
    case 'patching':
    case 'code':
      return {
        name: `Patching ${component} of every head`,
        term: 'patching',
        layer,
        status: (
          <StreamStatus
            view={whole}
            share={layer ? knownValues(layer).length / (shape.nLayers * shape.nHeads) : null}
            what="patches"
          />
        ),
      }
  }
}

const shareOfPairs = (known: Interactions) =>
  knownPairs(known) / Math.max(1, (known.heads.length * (known.heads.length - 1)) / 2)

/** The grid of heads, or of layers over the tokens; it stays in view whatever is looked at beside it. */
export function PatchHeads({ page }: { page: Page }) {
  const { patch, update, ofHeads } = page
  const isPatching = patch.tab === 'patching' || patch.tab === 'code'
  const onUpdate = (next: Partial<Patch>) => update(next)
  return (
    <Panel
      title={<Term id="head">Attention heads</Term>}
      titleHidden
      className="grid grid-cols-[minmax(0,1fr)] content-start gap-3 overflow-y-auto px-2! sm:p-4! lg:h-full"
    >
      {isPatching && <PatchingControls patch={patch} onUpdate={onUpdate} />}
      {patch.tab === 'paths' && <PathControls patch={patch} onUpdate={onUpdate} />}
      <PresentCuts page={page} />
      {isPatching && !ofHeads ? <Layers page={page} /> : <Heads page={page} />}
    </Panel>
  )
}

/** What is cut in both runs before anything is patched. */
function PresentCuts({ page }: { page: Page }) {
  const { patch, methods, pair, update } = page
  const { cuts, unread } = patch
  const tokens = useMemo(
    () => pair.pairing?.columns.flatMap(({ clean }) => clean ?? []) ?? null,
    [pair.pairing],
  )
  if (cuts.length + unread.cuts.length === 0) return null
  return (
    <section aria-label="Cut in both runs" className="grid gap-1.5">
      <div className="flex items-center justify-between gap-2 text-xs text-ink-2">
        <p>Cut in both runs, before anything is patched:</p>
        <Button
          size="small"
          look="quiet"
          onClick={() => update({ cuts: [], unread: DEFAULT_PATCH.unread }, { push: true })}
        >
          Clear
        </Button>
      </div>
      {cuts.length > 0 && (
        <CutChips
          cuts={cuts}
          methods={methods}
          tokens={tokens}
          onRemove={(site) => update({ cuts: withoutHeads(cuts, [site]) }, { push: true })}
          onEffect={(site, effect, options) =>
            update({ cuts: withEffect(cuts, site, effect) }, options)
          }
          onInspect={(focus) => update({ focus })}
        />
      )}
      {unread.cuts.length > 0 && (
        <p className="text-xs text-warn">
          This server cannot read {unread.cuts.join(', ')}: nothing is done about it.
        </p>
      )}
    </section>
  )
}

function Heads({ page }: { page: Page }) {
  const { patch, update, shape, pair, model } = page
  const { name, term, layer: fresh, stale = false, status } = useShown(page)
  // What is of another head, or another analysis, is nothing to show meanwhile.
  const { tab, metric, focus, input, flow } = patch
  const ofHead = tab === 'patching' || tab === 'attribution' ? null : [focus, input, flow]
  const marks = useMarks(patch.marks, model)
  const layer = useLast(fresh, JSON.stringify([tab, metric, shape, ofHead]))
  return (
    <LayerFigure
      name={name}
      title={<Term id={term}>{name}</Term>}
      shape={shape}
      layer={pair.waiting ? null : layer}
      stale={fresh === null || stale}
      state={{ kind: 'ready' }}
      cuts={patch.cuts}
      marks={marks.marks}
      focus={focus}
      onFocus={(next) => update({ focus: next })}
      status={
        <>
          {status}
          <MarksBar value={patch.marks} view={marks} onChange={(next) => update({ marks: next })} />
        </>
      }
    />
  )
}

function Layers({ page }: { page: Page }) {
  const { patch, shape, pair, whole, byPosition } = page
  const fresh = byPosition.patched
  const patched = useLast(fresh, JSON.stringify([patch.component, patch.direction, patch.metric]))
  const rows = useMemo(
    () => Array.from({ length: shape.nLayers }, (_, layer) => `L${layer}`),
    [shape.nLayers],
  )
  const values = useMemo(() => (patched ? effectsAt(patch, patched, null) : []), [patch, patched])
  const failed = [whole, byPosition].find(({ status }) => status === 'failed')
  if (failed) return <StreamStatus view={failed} share={null} what="patches" />
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <PositionMap
        name={`Patching ${patch.component} by layer and position`}
        unit={patched ? effectWords(patch, patched) : ''}
        format={patched ? effectFormat(patched) : String}
        columns={pair.pairing?.columns ?? []}
        values={values}
        rows={rows}
        state={
          pair.waiting
            ? { kind: 'empty', note: pair.waiting }
            : patched
              ? { kind: 'ready', stale: fresh === null }
              : { kind: 'loading' }
        }
      />
      <StreamStatus
        view={byPosition}
        share={
          fresh && values.length > 0
            ? values.flat().filter((v) => v !== null).length /
              (shape.nLayers * (pair.pairing?.columns.length ?? 1))
            : null
        }
        what="patches"
      />
    </div>
  )
}
