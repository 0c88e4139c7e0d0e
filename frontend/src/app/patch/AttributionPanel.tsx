import { AttributionChart } from '@/features/patch/AttributionChart'
import { tellPasses } from '@/lib/patching'
import { EmptyNote } from '@/ui/EmptyNote'
import { AnalysisFiles } from './AnalysisFiles'
import { attributionCsv } from './files'
import type { Page } from './usePage'

/** The clean run's logit difference as a sum over the parts of the model. */
export function AttributionPanel({ page }: { page: Page }) {
  const { patch, update, pair, question, attribution } = page
  if (pair.waiting) return <EmptyNote>{pair.waiting}</EmptyNote>
  if (attribution.error) return <EmptyNote>Nothing was measured; the grid says why.</EmptyNote>
  const { data } = attribution
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <AttributionChart
        attribution={data ?? null}
        answer={question?.answer ?? ''}
        foil={question?.foil ?? ''}
        state={data ? { kind: 'ready', stale: attribution.isPlaceholderData } : { kind: 'loading' }}
        focus={patch.focus}
        onFocus={(focus) => update({ focus })}
      />
      {data && <p className="text-xs text-ink-3">{tellPasses(data.passes)}</p>}
      <AnalysisFiles
        name="Direct logit attribution"
        result={data ?? null}
        csv={data ? () => attributionCsv(data) : null}
      />
    </div>
  )
}
