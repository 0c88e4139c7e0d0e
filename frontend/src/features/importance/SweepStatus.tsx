import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'
import type { useImportance } from './useImportance'

type Measurement = ReturnType<typeof useImportance>

function textOf({ running, queued, layers, layersDone }: Measurement): string {
  if (!running)
    return layersDone ? `Stopped after ${layersDone} of ${layers} layers` : 'Not measured'
  if (queued) return `${queued} in front`
  return layers ? `${layersDone} of ${layers} layers` : 'Measuring'
}

/** How far a measurement is, with a way to end it and to begin again. */
export function SweepStatus({ measurement }: { measurement: Measurement }) {
  const { running, layersDone, layers, error, stop, retry } = measurement
  if (error) return <ErrorNote error={error} onRetry={() => void retry()} />
  return (
    <div className="flex flex-wrap items-center gap-2 text-xs text-ink-2">
      {running && (
        <progress
          aria-label="Layers measured"
          max={layers || 1}
          value={layers ? layersDone : undefined}
          className="h-1.5 w-20"
        />
      )}
      <span role="status">{textOf(measurement)}</span>
      <Button
        size="small"
        aria-label={running ? 'Stop measuring' : 'Measure again'}
        onClick={() => void (running ? stop() : retry())}
      >
        {running ? 'Stop' : 'Measure'}
      </Button>
    </div>
  )
}
