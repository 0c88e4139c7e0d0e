import type { ReactNode } from 'react'
import { SCORES, type Score } from '@/lib/experiment'
import type { TermId } from '@/lib/glossary'
import { SCORE_NAMES } from '@/lib/scores'
import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'
import { Segmented } from '@/ui/Segmented'
import { Term } from '@/ui/Term'
import type { useImportance } from './useImportance'

const terms: Record<Exclude<Score, 'none'>, TermId> = {
  gradient: 'gradient',
  attribution: 'attribution',
  l2: 'l2',
  kl: 'klScore',
}

const options = SCORES.map((id) => ({ id, label: id === 'none' ? 'None' : SCORE_NAMES[id] }))

type Props = {
  score: Score
  onScore: (score: Score) => void
  measurement: ReturnType<typeof useImportance>
}

/** Which importance colours the grid, and how its measurement goes. */
export function ScorePicker({ score, onScore, measurement }: Props) {
  return (
    <div className="min-w-0">
      <p className="mb-1 text-xs text-ink-2">
        Colour by {score === 'none' ? 'importance' : <Term id={terms[score]} />}
      </p>
      <Segmented label="Colour by" value={score} onChange={onScore} options={options} />
      {score !== 'none' && <Sweep measurement={measurement} />}
    </div>
  )
}

function Line({ children }: { children: ReactNode }) {
  return <div className="mt-2 flex flex-wrap items-center gap-2 text-xs text-ink-2">{children}</div>
}

function Sweep({ measurement }: Pick<Props, 'measurement'>) {
  const { running, stopped, queued, layersDone, layers, error, stop, retry } = measurement
  if (error) {
    return (
      <div className="mt-2">
        <ErrorNote error={error} onRetry={() => void retry()} />
      </div>
    )
  }
  if (running) {
    return (
      <Line>
        <progress
          aria-label="Layers measured"
          max={layers || 1}
          value={layers ? layersDone : undefined}
          className="h-1.5 w-24"
        />
        <span role="status">
          {queued
            ? `${queued} in front`
            : layers
              ? `${layersDone} of ${layers} layers`
              : 'Measuring'}
        </span>
        <Button size="small" onClick={() => void stop()}>
          Stop
        </Button>
      </Line>
    )
  }
  if (!stopped) return null
  return (
    <Line>
      <span role="status">
        {layersDone ? `Stopped after ${layersDone} of ${layers} layers.` : 'Not measured.'}
      </span>
      <Button size="small" onClick={() => void retry()}>
        Measure
      </Button>
    </Line>
  )
}
