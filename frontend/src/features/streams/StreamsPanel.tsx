import type { ReactNode } from 'react'
import type { TokenRef } from '@/lib/experiment'
import { count } from '@/lib/format'
import { Button } from '@/ui/Button'
import { EmptyNote } from '@/ui/EmptyNote'
import { ErrorNote } from '@/ui/ErrorNote'
import { Panel } from '@/ui/Panel'
import { Skeleton } from '@/ui/Skeleton'
import { TokenFlow } from './TokenFlow'
import type { RunState } from './run'

type Props = {
  run: RunState
  /** The page has changed since this run; the text is of the earlier experiment. */
  outdated: boolean
  selected: TokenRef | null
  onSelect: (ref: TokenRef) => void
  onRun: () => void
}

function statusOf({ status, queued, control, ablated, body }: RunState): string {
  const steps = Math.max(control.length, ablated.length)
  if (status === 'running' && queued) return `${count(queued, 'run')} in front of yours`
  if (status === 'running') return `token ${steps} of ${body?.max_new_tokens ?? steps}`
  if (status === 'stopped') return `stopped after ${count(steps, 'token')}`
  return ''
}

const Key = ({ children, className }: { children: ReactNode; className: string }) => (
  <span className={`inline-flex items-center gap-1.5 ${className}`}>
    <span aria-hidden className="h-3 w-1 rounded-full bg-current" />
    {children}
  </span>
)

export function StreamsPanel({ run, outdated, selected, onSelect, onRun }: Props) {
  const warnings = run.result?.warnings ?? []
  return (
    <Panel
      title="What the model writes"
      actions={
        <p role="status" className="tabular text-xs text-ink-3">
          {statusOf(run)}
        </p>
      }
    >
      {outdated && run.status !== 'running' && run.status !== 'idle' && (
        <div className="mb-3 flex flex-wrap items-center gap-2 rounded-lg bg-warn-soft px-3 py-2 text-xs text-warn">
          <span className="flex-1 basis-56">
            This text was written before your last change. Run again to see what the model writes
            now.
          </span>
          <Button size="small" onClick={onRun}>
            Run inference
          </Button>
        </div>
      )}
      {run.status === 'failed' && (
        <div className="mb-3">
          <ErrorNote error={run.error} onRetry={onRun} />
        </div>
      )}
      <Text run={run} outdated={outdated} selected={selected} onSelect={onSelect} />
      {warnings.map((warning) => (
        <p key={warning} className="mt-3 text-xs text-warn">
          ⚠ {warning}
        </p>
      ))}
    </Panel>
  )
}

function Text({ run, outdated, selected, onSelect }: Omit<Props, 'onRun'>) {
  if (run.promptTokens.length === 0) {
    return run.status === 'running' ? (
      <Skeleton className="h-20" label="The model reads the prompt" />
    ) : (
      <EmptyNote>Run inference to see what the model writes, intact and cut.</EmptyNote>
    )
  }
  return (
    <>
      <div className="mb-2 flex flex-wrap gap-x-4 gap-y-1 text-xs">
        <Key className="text-ink-2">prompt</Key>
        <Key className="text-control">upper line: control</Key>
        <Key className="text-ablated">lower line: ablated</Key>
        <span className="ml-auto inline-flex items-center gap-1.5 text-ink-3">
          <span
            aria-hidden
            className="h-2.5 w-12 rounded-sm"
            style={{ background: 'linear-gradient(to right, var(--surface), var(--shift-hi))' }}
          />
          shade: KL
        </span>
      </div>
      <div className={outdated ? 'opacity-60 transition-opacity' : 'transition-opacity'}>
        <TokenFlow run={run} selected={selected} onSelect={onSelect} />
      </div>
    </>
  )
}
