import type { Run } from '@/api/types'
import { isUnfinished, tellRun } from '@/lib/evidence'
import { Button } from '@/ui/Button'

type Props = {
  run: Run
  /** It is being stopped, or put into the queue again. */
  changing: boolean
  onStop: () => void
  onResume: () => void
}

/** How far a run is, how long it takes yet, what ends it, and what lets it go on. */
export function RunStatus({ run, changing, onStop, onResume }: Props) {
  const change = isUnfinished(run)
    ? { label: 'Stop', act: onStop, waiting: 'It is being stopped.' }
    : run.state === 'done'
      ? null
      : { label: 'Go on', act: onResume, waiting: 'It is put into the queue again.' }
  return (
    <div className="flex flex-wrap items-center gap-2 text-xs text-ink-2">
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
    </div>
  )
}
