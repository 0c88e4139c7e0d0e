import { useMemo } from 'react'
import type { ChartState } from '@/charts/ChartFrame'
import { LayerFigure } from '@/features/grid/LayerFigure'
import { PatchingControls } from '@/features/patch/PatchingControls'
import { PositionMap } from '@/features/patch/PositionMap'
import { knownValues, type GridLayer } from '@/lib/layer'
import { effectFormat, effectsAt, effectWords, patchLayer } from '@/lib/patching'
import { attributionLayer } from '@/lib/waterfall'
import { ErrorNote } from '@/ui/ErrorNote'
import { Panel } from '@/ui/Panel'
import { Term } from '@/ui/Term'
import { useLast } from '@/ui/useLast'
import { StreamStatus } from './StreamStatus'
import type { Page } from './usePage'

/** What colours the grid under the chosen tab. */
function useGridLayer({ patch, whole, attribution }: Page): GridLayer | null {
  const { patched } = whole
  const { tab, component, direction, metric } = patch
  const data = attribution.data
  return useMemo(() => {
    if (tab === 'attribution') return data ? attributionLayer(data) : null
    return patched ? patchLayer({ component, direction, metric }, patched) : null
  }, [tab, component, direction, metric, patched, data])
}

/** The grid of heads, or of layers over the tokens; it stays in view whatever is looked at beside it. */
export function PatchHeads({ page }: { page: Page }) {
  const { patch, update, ofHeads } = page
  const isPatching = patch.tab === 'patching' || patch.tab === 'code'
  return (
    <Panel
      title={<Term id="head">Attention heads</Term>}
      titleHidden
      className="grid grid-cols-[minmax(0,1fr)] content-start gap-3 overflow-y-auto px-2! sm:p-4! lg:h-full"
    >
      {isPatching && <PatchingControls patch={patch} onUpdate={(next) => update(next)} />}
      {isPatching && !ofHeads ? <Layers page={page} /> : <Heads page={page} />}
    </Panel>
  )
}

function Heads({ page }: { page: Page }) {
  const { patch, update, shape, pair, whole, attribution } = page
  const fresh = useGridLayer(page)
  const isAttribution = patch.tab === 'attribution'
  const layer = useLast(fresh, JSON.stringify([patch.tab, patch.metric, shape]))
  const known = fresh ? knownValues(fresh).length : 0
  const state: ChartState = { kind: 'ready', stale: false }
  return (
    <LayerFigure
      name={
        isAttribution
          ? 'Direct attribution of every head'
          : `Patching ${patch.component} of every head`
      }
      title={
        isAttribution ? (
          <Term id="directAttribution">Direct attribution of every head</Term>
        ) : (
          <>
            <Term id="patching">Patching</Term> {patch.component} of every head
          </>
        )
      }
      shape={shape}
      layer={pair.waiting ? null : layer}
      stale={fresh === null || (isAttribution && attribution.isPlaceholderData)}
      state={state}
      focus={patch.focus}
      onFocus={(focus) => update({ focus })}
      status={
        isAttribution ? (
          attribution.error && (
            <ErrorNote error={attribution.error} onRetry={() => void attribution.refetch()} />
          )
        ) : (
          <StreamStatus
            view={whole}
            share={known / (shape.nLayers * shape.nHeads)}
            what="patches"
          />
        )
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
