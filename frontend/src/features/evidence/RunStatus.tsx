import type { Run } from '@/api/types'
import { isUnfinished, tellRun } from '@/lib/evidence'
import { Button } from '@/ui/Button'

type Props = { run: Run; stopping: boolean; onStop: () => void }

/** How far a run is, how long it takes yet, and what ends it. */
export function RunStatus({ run, stopping, onStop }: Props) {
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
      {isUnfinished(run) && (
        <Button size="small" onClick={onStop} disabledReason={stopping && 'It is being stopped.'}>
          Stop
        </Button>
      )}
    </div>
  )
}
