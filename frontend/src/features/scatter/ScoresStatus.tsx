import { Button } from '@/ui/Button'
import { EmptyNote } from '@/ui/EmptyNote'
import type { useScores } from './useScores'

type Props = { scores: readonly ReturnType<typeof useScores>[] }

/** How far the measurements of both axes are, with a way to end them and to begin again. */
export function ScoresStatus({ scores }: Props) {
  const running = scores.filter(({ status }) => status === 'running')
  const [slowest] = running.filter(({ partial }) => partial !== null)
  const done = slowest?.partial?.layers_done.length ?? 0
  const layers = slowest?.partial?.n_layers ?? 0
  const queued = running.find(({ queued }) => queued)?.queued
  return (
    <EmptyNote>
      <span role="status" className="mb-3 block">
        {running.length === 0
          ? 'The measurement was stopped.'
          : queued
            ? `${queued} in front`
            : layers
              ? `${done} of ${layers} layers measured`
              : 'Measuring'}
      </span>
      {running.length > 0 && (
        <progress
          aria-label="Layers measured for the plot"
          max={layers || 1}
          value={layers ? done : undefined}
          className="mr-3 h-1.5 w-32"
        />
      )}
      <Button
        size="small"
        onClick={() =>
          running.length > 0
            ? running.forEach(({ stop }) => stop())
            : scores.filter(({ layer }) => !layer).forEach(({ again }) => again())
        }
      >
        {running.length > 0 ? 'Stop' : 'Measure again'}
      </Button>
    </EmptyNote>
  )
}
