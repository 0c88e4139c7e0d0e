import { InteractionMatrix } from '@/features/patch/InteractionMatrix'
import { ShareBars } from '@/charts/ShareBars'
import { headName, type Head } from '@/lib/heads'
import { knownPairs, partnersOf, tellPartners } from '@/lib/interactions'
import { tellPasses, unitOf } from '@/lib/patching'
import { METRIC_NAMES } from '@/lib/scores'
import { Button } from '@/ui/Button'
import { EmptyNote } from '@/ui/EmptyNote'
import { Term } from '@/ui/Term'
import { AnalysisFiles } from './AnalysisFiles'
import { interactionsCsv } from './files'
import type { Page } from './usePage'

/** Who backs whom up, and who works together: all pairs of heads cut at once. */
export function InteractionsPanel({ page }: { page: Page }) {
  const { patch, update, pair, shape, interactions: run } = page
  const { focus } = patch
  const heads = shape.nLayers * shape.nHeads
  const pairs = (heads * (heads - 1)) / 2
  const { known, result } = run
  if (pair.waiting) return <EmptyNote>{pair.waiting}</EmptyNote>
  if (run.status === 'failed')
    return <EmptyNote>Nothing was measured; the grid says why.</EmptyNote>
  if (!known && run.status !== 'running') {
    return (
      <EmptyNote>
        <span className="mb-3 block">
          Every two heads of the clean run are cut at once: what does that change beyond the sum of
          both?
        </span>
        <Button
          look="primary"
          onClick={run.want ?? undefined}
          disabledReason={!run.want && 'Both runs are being asked for their first choice.'}
        >
          Measure all {pairs.toLocaleString('en')} pairs
        </Button>
      </EmptyNote>
    )
  }
  const look = (head: Head) => update({ focus: head })
  const partners = focus && known ? partnersOf(known, focus) : []
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <p role="status" className="text-sm text-pretty text-ink-2">
        {!focus
          ? 'Press a head: its partners colour the grid.'
          : known && run.status === 'done'
            ? tellPartners(known, focus, METRIC_NAMES[patch.metric])
            : `The last layers come first; ${headName(focus)} fills up with them.`}
      </p>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-x-6 gap-y-5 @3xl:grid-cols-2">
        {focus && partners.length > 0 && (
          <section>
            <h3 className="mb-1.5 text-sm font-medium text-ink">
              <Term id="interaction">Interactions of {headName(focus)}</Term>
              <span className="font-normal text-ink-3"> · {unitOf(patch.metric)}</span>
            </h3>
            <ShareBars
              label={`Interactions of ${headName(focus)}`}
              bars={partners.slice(0, 10).map(({ head, value }) => ({
                name: headName(head),
                value,
                onOpen: () => look(head),
              }))}
            />
          </section>
        )}
        {known && (
          <InteractionMatrix
            known={known}
            unit={unitOf(patch.metric)}
            partly={knownPairs(known) < pairs}
            onOpen={look}
          />
        )}
      </div>
      <AnalysisFiles
        name="Interactions"
        result={result}
        csv={result && (() => interactionsCsv(result))}
      />
      {result && <p className="text-xs text-ink-3">{tellPasses(result.passes)}</p>}
    </div>
  )
}
