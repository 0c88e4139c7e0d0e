import { NextTokenChart } from '@/features/metrics/NextTokenChart'
import { StreamsPanel } from '@/features/streams/StreamsPanel'
import { ErrorNote } from '@/ui/ErrorNote'
import type { PanelProps } from './registry'

/** What the cut did: both texts, and below them the next token, which follows every click. */
export function ChangesPanel({ page }: PanelProps) {
  const { run, experiment } = page
  const { data, error, isPlaceholderData, refetch } = page.nextToken
  return (
    <div className="grid gap-5">
      <StreamsPanel
        run={run.state}
        outdated={run.outdated}
        selected={experiment.token}
        onSelect={page.selectToken}
        onRun={page.start}
      />
      {error ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : (
        <NextTokenChart nextToken={data?.next_token ?? null} stale={isPlaceholderData} />
      )}
    </div>
  )
}
