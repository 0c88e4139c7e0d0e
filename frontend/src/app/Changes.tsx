import { lazy, Suspense } from 'react'
import { StreamsPanel } from '@/features/streams/StreamsPanel'
import { EmptyNote } from '@/ui/EmptyNote'
import { tellNextToken } from '@/lib/nextToken'
import { ErrorNote } from '@/ui/ErrorNote'
import { Panel } from '@/ui/Panel'
import { Skeleton } from '@/ui/Skeleton'
import type { Page } from './usePage'

const NextTokenChart = lazy(() =>
  import('@/features/metrics/NextTokenChart').then((m) => ({ default: m.NextTokenChart })),
)
const MetricsPanel = lazy(() =>
  import('@/features/metrics/MetricsPanel').then((m) => ({ default: m.MetricsPanel })),
)

type Props = { page: Page }

/** What the cut did: to the next token at once, to the texts when run. */
export function Changes({ page }: Props) {
  const { run, experiment } = page
  return (
    <div className="grid gap-4">
      <NextToken page={page} />
      <StreamsPanel
        run={run.state}
        outdated={run.outdated}
        selected={experiment.token}
        onSelect={page.selectToken}
        onRun={page.start}
      />
    </div>
  )
}

function NextToken({ page }: Props) {
  const { data, error, isPlaceholderData, refetch } = page.nextToken
  return (
    <Panel title="What comes next" titleHidden>
      <p role="status" className="sr-only">
        {data && !isPlaceholderData ? tellNextToken(data.next_token) : ''}
      </p>
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : page.experiment.prompt === '' ? (
        <EmptyNote>Write a prompt to see how the model would continue it.</EmptyNote>
      ) : (
        <Suspense fallback={<Skeleton className="h-64" label="The chart is loading" />}>
          <NextTokenChart nextToken={data?.next_token ?? null} stale={isPlaceholderData} />
        </Suspense>
      )}
    </Panel>
  )
}

/** The same in numbers, over the whole text. */
export function Measures({ page }: Props) {
  const { state, outdated } = page.run
  if (state.perToken.length === 0 && state.status !== 'running') return null
  return (
    <Panel title="How much it changed">
      <div className={outdated ? 'opacity-60 transition-opacity' : 'transition-opacity'}>
        <Suspense fallback={<Skeleton className="h-64" label="The metrics are loading" />}>
          <MetricsPanel
            metrics={state.metrics}
            perToken={state.perToken}
            promptLength={state.promptTokens.length}
            running={state.status === 'running'}
            onSelectToken={page.selectToken}
          />
        </Suspense>
      </div>
    </Panel>
  )
}
