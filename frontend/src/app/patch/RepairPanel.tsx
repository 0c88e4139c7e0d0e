import { ShareBars } from '@/charts/ShareBars'
import { headName } from '@/lib/heads'
import { mostRepaired, partsOf, tellRepair } from '@/lib/repair'
import { tellPasses } from '@/lib/patching'
import { Button } from '@/ui/Button'
import { EmptyNote } from '@/ui/EmptyNote'
import { Skeleton } from '@/ui/Skeleton'
import { Term } from '@/ui/Term'
import { AnalysisFiles } from './AnalysisFiles'
import { repairCsv } from './files'
import type { Page } from './usePage'

/** What a cut changes, and who makes up for it: later heads, MLPs, the last LayerNorm. */
export function RepairPanel({ page }: { page: Page }) {
  const { patch, update, pair, repair: run } = page
  const { focus } = patch
  const { result } = run
  if (pair.waiting) return <EmptyNote>{pair.waiting}</EmptyNote>
  if (run.status === 'failed')
    return <EmptyNote>Nothing was measured; the grid says why.</EmptyNote>
  if (!result) return <Skeleton className="h-72" label="Self-repair is being measured" />
  const most = mostRepaired(result)
  const parts = focus && partsOf(result, focus)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      {focus && parts ? (
        <>
          <p role="status" className="text-sm text-pretty text-ink-2">
            {tellRepair(result, focus)}
          </p>
          <section>
            <h3 className="mb-1.5 text-sm font-medium text-ink">
              <Term id="selfRepair">What cutting {headName(focus)} changes</Term>
              <span className="font-normal text-ink-3"> · logits</span>
            </h3>
            <ShareBars
              label={`What cutting ${headName(focus)} changes`}
              bars={[
                { name: 'its own', value: parts.direct },
                { name: 'later heads', value: parts.heads },
                { name: 'MLPs', value: parts.mlps },
                { name: 'LayerNorm', value: parts.layerNorm },
                { name: 'together', value: parts.total },
              ]}
            />
          </section>
        </>
      ) : (
        <EmptyNote>
          <span className="mb-3 block">
            The grid shows, for each head that is cut alone, what the others make of it. Press one
            to see who moves.
          </span>
          {most && (
            <Button onClick={() => update({ focus: most })}>
              {headName(most)}, made up for most
            </Button>
          )}
        </EmptyNote>
      )}
      <AnalysisFiles name="Self-repair" result={result} csv={() => repairCsv(result)} />
      <p className="text-xs text-ink-3">{tellPasses(result.passes)}</p>
    </div>
  )
}
