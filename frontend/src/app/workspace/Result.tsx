import { ResultStrip } from '@/features/result/ResultStrip'
import { tellNextToken } from '@/lib/nextToken'
import { resultLine } from '@/lib/result'
import type { Page } from '../usePage'
import { useParting } from './useParting'

/** What both models say next, in one line; read aloud when it changes. */
export function Result({ page }: { page: Page }) {
  const { data, isPlaceholderData } = page.nextToken
  const { experiment } = page
  const partedAt = useParting(experiment)
  const next = experiment.prompt === '' ? null : (data?.next_token ?? null)
  return (
    <section aria-label="Result">
      <p role="status" className="sr-only">
        {next && !isPlaceholderData ? tellNextToken(next) : ''}
      </p>
      <ResultStrip
        prompt={experiment.prompt}
        line={next && resultLine(next, experiment.cuts.length > 0, partedAt)}
        stale={isPlaceholderData}
      />
    </section>
  )
}
