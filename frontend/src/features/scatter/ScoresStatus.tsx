import { Button } from '@/ui/Button'
import { EmptyNote } from '@/ui/EmptyNote'
import { useStop } from '@/ui/useStop'
import type { useScores } from './useScores'

type Props = { scores: readonly ReturnType<typeof useScores>[] }

/** How far the measurements of both axes are, with a way to end them and to begin again. */
export function ScoresStatus({ scores }: Props) {
  const running = scores.filter(({ status }) => status === 'running')
  const isRunning = running.length > 0
  const stop = useStop(isRunning, () => running.forEach((each) => each.stop()))
  const again = () => scores.filter(({ layer }) => !layer).forEach((each) => each.again())
  const [slowest] = running.filter(({ partial }) => partial !== null)
  const done = slowest?.partial?.layers_done.length ?? 0
  const layers = slowest?.partial?.n_layers ?? 0
  const queued = running.find(({ queued }) => queued)?.queued
  return (
    <EmptyNote>
      <span role="status" className="mb-3 block">
        {!isRunning
          ? 'The measurement was stopped.'
          : queued
            ? `${queued} in front`
            : layers
              ? `${done} of ${layers} layers measured`
              : 'Measuring'}
      </span>
      {isRunning && (
        <progress
          aria-label="Layers measured for the plot"
          max={layers || 1}
          value={layers ? done : undefined}
          className="mr-3 h-1.5 w-32"
        />
      )}
      <Button size="small" onClick={isRunning ? stop : again}>
        {isRunning ? 'Stop' : 'Measure again'}
      </Button>
    </EmptyNote>
  )
}
