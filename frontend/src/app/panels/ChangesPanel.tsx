import { NextTokenChart } from '@/features/metrics/NextTokenChart'
import { StreamsPanel } from '@/features/streams/StreamsPanel'
import { EmptyNote } from '@/ui/EmptyNote'
import { ErrorNote } from '@/ui/ErrorNote'
import { useNextToken } from '../useNextToken'
import { useReading } from '../useReading'
import { useRun } from '../useRun'
import { useActions, useWorkspace } from '../WorkspaceContext'

/** What the cut did: both texts, and below them the next token, which follows every click. */
export function ChangesPanel() {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <Texts />
      <Next />
    </div>
  )
}

function Texts() {
  const { state, outdated } = useRun()
  const { selectToken, run } = useActions()
  const selected = useWorkspace((s) => s.experiment.token)
  const { blocked } = useReading()
  return (
    <StreamsPanel
      run={state}
      outdated={outdated}
      selected={selected}
      onSelect={selectToken}
      onRun={run}
      blocked={blocked}
    />
  )
}

function Next() {
  const { data, error, isPlaceholderData, refetch } = useNextToken()
  const { unreadable } = useReading()
  if (unreadable && !data) return <EmptyNote>{unreadable}</EmptyNote>
  if (error && !unreadable) return <ErrorNote error={error} onRetry={() => void refetch()} />
  const stale = isPlaceholderData || unreadable !== null
  return (
    <div>
      <NextTokenChart nextToken={data?.next_token ?? null} stale={stale} />
      {!stale &&
        data?.warnings.map((warning) => (
          <p key={warning} className="mt-2 text-xs text-warn">
            ⚠ {warning}
          </p>
        ))}
    </div>
  )
}
