import { ResultStrip } from '@/features/result/ResultStrip'
import { tellNextToken } from '@/lib/nextToken'
import { resultLine } from '@/lib/result'
import { useNextToken } from '../useNextToken'
import { useReading } from '../useReading'
import { useWorkspace } from '../WorkspaceContext'
import { useParting } from './useParting'

/** What both models say next, in one line; read aloud when it changes. */
export function Result() {
  const { data, isPlaceholderData } = useNextToken()
  const experiment = useWorkspace((state) => state.asked)
  const partedAt = useParting(experiment)
  const { unreadable } = useReading()
  const next = experiment.prompt === '' ? null : (data?.next_token ?? null)
  return (
    <section aria-label="Result">
      <p role="status" className="sr-only">
        {next && !isPlaceholderData ? tellNextToken(next) : ''}
      </p>
      <ResultStrip
        prompt={experiment.prompt}
        line={next && resultLine(next, experiment.cuts.length > 0, partedAt)}
        stale={isPlaceholderData || unreadable !== null}
      />
    </section>
  )
}
