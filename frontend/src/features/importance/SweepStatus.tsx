import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'
import { useStop } from '@/ui/useStop'
import type { Measurement } from './useImportance'

function textOf({ status, queued, layers, layersDone }: Measurement): string {
  if (status === 'running') {
    if (queued) return `${queued} in front`
    return layers ? `${layersDone} of ${layers} layers` : 'Measuring'
  }
  return layersDone ? `Stopped after ${layersDone} of ${layers} layers` : 'Not measured'
}

/** How far a measurement is, with a way to end it and to begin again. */
export function SweepStatus({ measurement }: { measurement: Measurement }) {
  const { status, layersDone, layers, error, lacks, again } = measurement
  const running = status === 'running'
  const stop = useStop(running, measurement.stop)
  if (lacks) {
    return (
      <p role="status" className="text-xs text-warn">
        {lacks}
      </p>
    )
  }
  if (status === 'failed') return <ErrorNote error={error} onRetry={again} />
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
        onClick={running ? stop : again}
      >
        {running ? 'Stop' : 'Measure'}
      </Button>
    </div>
  )
}
