import { useState } from 'react'
import type { ImportanceResponse, InferResponse } from '@/api/types'
import { CutChips } from '@/features/grid/CutChips'
import { CutGrid } from '@/features/grid/CutGrid'
import { Legend, LegendNote } from '@/features/grid/Legend'
import { MethodPicker } from '@/features/grid/MethodPicker'
import { NextTokenChart } from '@/features/metrics/NextTokenChart'
import { cutOf, withEffect, withoutHeads, type Effect } from '@/lib/cuts'
import type { Head, Site } from '@/lib/heads'
import { largest, readout, valueAt, type GridLayer } from '@/lib/layer'
import { scoreLayer } from '@/lib/scores'
import { useTrait } from './host'
import { Refusal } from './Refusal'
import { usePart } from './state'

/** Scores as the kernel measured them, or numbers of the notebook's own. */
type Scores =
  | (Pick<ImportanceResponse, 'method' | 'metric' | 'unit' | 'scores'> & { given: number })
  | { readonly name: string; readonly unit: string; readonly scores: number[][] }

function layerOf(scores: Scores | null): GridLayer | null {
  if (scores === null) return null
  if (!('method' in scores)) {
    const signed = scores.scores.flat().some((score) => score < 0)
    return { ...scores, values: scores.scores, signed, spread: 'linear' }
  }
  const { method, metric, unit, given } = scores
  return scoreLayer({ method, metric: metric as never, unit, given, values: scores.scores })
}

/** The grid under the scalpel, and what the cuts do to the next token. */
export function HeadGridPart() {
  const part = usePart<InferResponse, { focus: Head | null }>()
  const layer = layerOf(useTrait<Scores | null>('_scores'))
  const [brush, setBrush] = useState<Effect>({ method: 'zero' })
  const [pointed, setPointed] = useState<Site | null>(null)
  const { cuts, answer, methods, shape, stale } = part
  const inspect = (focus: Head) => part.ask({ focus })
  return (
    <div className="grid gap-x-8 gap-y-4 @3xl:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)]">
      <div className="grid content-start gap-2.5">
        <div className="flex flex-wrap items-center justify-between gap-x-4">
          <MethodPicker brush={brush} methods={methods} onChange={setBrush} />
          <p className="tabular text-xs text-ink-3">
            {pointed
              ? readout(pointed, layer, cutOf(cuts, pointed))
              : `${cuts.length} cut · click or drag to cut`}
          </p>
        </div>
        <CutGrid
          shape={shape}
          cuts={cuts}
          brush={brush}
          layer={layer}
          stale={false}
          inspected={part.focus}
          onCutsChange={part.cut}
          onInspect={inspect}
          onPoint={setPointed}
        />
        {layer && largest(layer) > 0 && (
          <div>
            <Legend layer={layer} value={pointed && valueAt(layer, pointed)} />
            <LegendNote layer={layer} />
          </div>
        )}
        <CutChips
          cuts={cuts}
          methods={methods}
          tokens={answer.prompt_tokens}
          onRemove={(site) => part.cut(withoutHeads(cuts, [site]))}
          onEffect={(site, effect) => part.cut(withEffect(cuts, site, effect))}
          onInspect={inspect}
        />
      </div>
      <div className="grid content-start gap-3">
        <NextTokenChart nextToken={answer.next_token} stale={stale} />
        <Refusal>{part.refusal}</Refusal>
        {answer.warnings.map((warning) => (
          <p key={warning} className="text-xs text-warn">
            ⚠ {warning}
          </p>
        ))}
      </div>
    </div>
  )
}
