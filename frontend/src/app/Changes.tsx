import { StreamsPanel } from '@/features/streams/StreamsPanel'
import { ErrorNote } from '@/ui/ErrorNote'
import { Panel } from '@/ui/Panel'
import { Skeleton } from '@/ui/Skeleton'
import type { Page } from './usePage'

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
    <Panel title="Next token">
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <pre>
          {JSON.stringify(data.next_token.kl)} {String(isPlaceholderData)}
        </pre>
      ) : (
        <Skeleton className="h-56" />
      )}
    </Panel>
  )
}
