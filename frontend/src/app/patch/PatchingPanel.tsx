import { memo, useCallback, useDeferredValue, useMemo } from 'react'
import type { PatchingResponse } from '@/api/types'
import { ScoreChart } from '@/features/scatter/ScoreChart'
import { PositionMap } from '@/features/patch/PositionMap'
import { TopEffects } from '@/features/patch/TopEffects'
import type { Cuts } from '@/lib/cuts'
import { headName, type Head } from '@/lib/heads'
import type { GridLayer } from '@/lib/layer'
import type { PatchMetric } from '@/lib/patch'
import {
  cellsOf,
  effectFormat,
  effectsAt,
  effectWords,
  type Patched,
  patchLayer,
  ranked,
  byLayer,
  tellEnds,
  tellPasses,
  tellRanks,
  tellTop,
  tellWorst,
} from '@/lib/patching'
import { EmptyNote } from '@/ui/EmptyNote'
import { Skeleton } from '@/ui/Skeleton'
import { Term } from '@/ui/Term'
import { useLast } from '@/ui/useLast'
import { AnalysisFiles } from './AnalysisFiles'
import { patchingCsv } from './files'
import { StreamStatus } from './StreamStatus'
import type { Page } from './usePage'

/** Who carries the difference: in a sentence, by position, and as an estimate would have it. */
export function PatchingPanel({ page }: { page: Page }) {
  const { patch, update, pair, whole, ofHeads } = page
  const key = JSON.stringify([patch.component, patch.direction, patch.metric])
  const patched = useLast(whole.patched, key)
  const effects = useMemo(
    () => (patched ? ranked(patch, patched, ofHeads) : []),
    [patch, patched, ofHeads],
  )
  // It is much to draw: the exact numbers on the grid do not wait for it.
  const estimated = useDeferredValue(
    useLast(whole.result, JSON.stringify([ofHeads, patch.direction, patch.metric])),
  )
  const isOld = useDeferredValue(whole.result === null)
  if (pair.waiting) return <EmptyNote>{pair.waiting}</EmptyNote>
  if (whole.status === 'failed')
    return <EmptyNote>Nothing was measured; the grid says why.</EmptyNote>
  if (!patched) return <Skeleton className="h-72" label="Patching is being measured" />
  const onFocus = (focus: Head) => update({ focus })
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <p role="status" className="text-sm text-pretty text-ink-2">
        {tellEnds(patch, patched)} {whole.status === 'done' && tellTop(patch, patched, effects)}
        {whole.result?.warnings.map((warning) => (
          <span key={warning} className="mt-1 block text-warn">
            ⚠ {warning}
          </span>
        ))}
      </p>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-x-6 gap-y-5 @3xl:grid-cols-2">
        <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-5">
          <TopEffects
            name={`Most ${effectWords(patch, patched).replace('share of', 'of')}`}
            effects={ofHeads ? effects.slice(0, 8) : byLayer(effects)}
            format={effectFormat(patched)}
            focus={patch.focus}
            onFocus={onFocus}
          />
          {ofHeads && <HeadPositions page={page} />}
        </div>
        {ofHeads && estimated ? (
          <EstimateChart result={estimated} cuts={patch.cuts} stale={isOld} onUpdate={update} />
        ) : (
          !ofHeads && whole.result && <EstimateBars page={page} result={whole.result} />
        )}
      </div>
      <AnalysisFiles
        name={`Patching ${patch.component}`}
        result={whole.result}
        csv={whole.result && (() => patchingCsv(whole.result as PatchingResponse))}
        extra={byPositionFile(page)}
      />
      {whole.result && <p className="text-xs text-ink-3">{tellPasses(whole.result.passes)}</p>}
    </div>
  )
}

const byPositionFile = ({ byPosition }: Page) =>
  byPosition.result ? { by_position: byPosition.result } : {}

/** A strip over the tokens for the chosen head. */
function HeadPositions({ page }: { page: Page }) {
  const { patch, pair, byPosition } = page
  const { focus } = patch
  const patched = useLast(
    byPosition.patched,
    JSON.stringify([patch.component, patch.direction, patch.metric]),
  )
  const values = useMemo(
    () => (patched && focus ? effectsAt(patch, patched, focus) : []),
    [patch, patched, focus],
  )
  const rows = useMemo(() => (focus ? [headName(focus)] : []), [focus])
  if (!focus) {
    return <EmptyNote>Press a head: at which of the tokens does it carry the difference?</EmptyNote>
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <PositionMap
        name={`${patch.component} of ${headName(focus)} by position`}
        unit={patched ? effectWords(patch, patched) : ''}
        format={patched ? effectFormat(patched) : String}
        columns={pair.pairing?.columns ?? []}
        values={values}
        rows={rows}
        state={
          byPosition.status === 'failed'
            ? { kind: 'error', error: byPosition.error, onRetry: byPosition.again }
            : values.length > 0
              ? { kind: 'ready', stale: byPosition.patched === null }
              : { kind: 'loading' }
        }
      />
      {byPosition.status !== 'failed' && (
        <StreamStatus view={byPosition} share={null} what="positions" />
      )}
    </div>
  )
}

/** The estimate of every layer, to be read beside the exact numbers. */
function EstimateBars({ page: { patch }, result }: { page: Page; result: PatchingResponse }) {
  const { estimate, clean, corrupt } = result
  const estimated = useMemo(
    (): Patched | null =>
      estimate ? { clean, corrupt, cells: cellsOf(estimate.values, false) } : null,
    [estimate, clean, corrupt],
  )
  if (!estimated) return null
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-2">
      <TopEffects
        name="As one backward pass estimates it"
        effects={byLayer(ranked(patch, estimated, false))}
        format={effectFormat(estimated)}
        focus={null}
        onFocus={() => undefined}
      />
      <p className="text-xs text-pretty text-ink-3">
        The estimate is <Term id="estimate">attribution patching</Term>. {tellRanks(result)}{' '}
        {tellWorst(patch, result)}
      </p>
    </div>
  )
}

type EstimateProps = {
  result: PatchingResponse
  cuts: Cuts
  stale: boolean
  onUpdate: (change: { focus: Head }) => void
}

/** The exact numbers against the estimate of one backward pass. */
const EstimateChart = memo(function EstimateChart(props: EstimateProps) {
  const { result, cuts, stale, onUpdate } = props
  const { estimate } = result
  // The same at each render: the points are much to draw.
  const pick = useCallback((focus: Head) => onUpdate({ focus }), [onUpdate])
  const asked = useMemo(() => ({ ...result, metric: result.metric as PatchMetric }), [result])
  const layers = useMemo(() => {
    if (!estimate) return null
    const ends = { clean: result.clean, corrupt: result.corrupt }
    const named = (values: PatchingResponse['values'], name: string): GridLayer => ({
      ...patchLayer(asked, { ...ends, cells: cellsOf(values, true) }),
      name,
    })
    return { exact: named(result.values, 'exact'), estimate: named(estimate.values, 'Estimate') }
  }, [asked, estimate, result])
  if (!estimate || !layers) return null
  return (
    <section>
      <p className="mb-1 text-xs text-ink-3">
        <Term id="estimate">Attribution patching</Term> guesses every patch from one backward pass.
      </p>
      <ScoreChart
        x={layers.exact}
        y={layers.estimate}
        stale={stale}
        error={null}
        onRetry={() => undefined}
        scale="linear"
        cuts={cuts}
        pick={{ verb: 'looks at one', hint: 'A press on a point looks at its head.' }}
        onPick={pick}
        diagonal
        note={tellWorst(asked, result)}
      />
    </section>
  )
})
