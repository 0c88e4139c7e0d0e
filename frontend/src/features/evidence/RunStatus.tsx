import type { ReactNode } from 'react'
import type { Run } from '@/api/types'
import { isUnfinished, tellRun } from '@/lib/evidence'
import { Button } from '@/ui/Button'
import { tellAsked } from './RunList'

type Props = {
  run: Run
  /** It is being stopped, or put into the queue again. */
  changing: boolean
  onStop: () => void
  onResume: () => void
  /** What went wrong when it was tried. */
  children: ReactNode
}

/** Which run is shown, how far it is, how long it takes yet, what ends it, and what lets it go on. */
export function RunStatus({ run, changing, onStop, onResume, children }: Props) {
  const change = isUnfinished(run)
    ? { label: 'Stop', act: onStop, waiting: 'It is being stopped.' }
    : run.state === 'done'
      ? null
      : { label: 'Go on', act: onResume, waiting: 'It is put into the queue again.' }
  return (
    <section
      aria-label="The run that is shown"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-xl border border-line bg-surface px-3 py-1.5 text-xs text-ink-2 sm:px-4"
    >
      <p className="min-w-0 text-pretty wrap-anywhere">
        <strong className="text-sm font-medium text-ink">{run.title || tellAsked(run)}</strong>
        {run.title && ` ${tellAsked(run)}`}
      </p>
      {isUnfinished(run) && (
        <progress
          aria-label="Items measured"
          max={run.total}
          value={run.done}
          className="h-1.5 w-28"
        />
      )}
      <span role="status" className={run.state === 'failed' ? 'text-warn' : undefined}>
        {tellRun(run)}
      </span>
      {change && (
        <Button size="small" onClick={change.act} disabledReason={changing && change.waiting}>
          {change.label}
        </Button>
      )}
      {children}
    </section>
  )
}
