import { useState } from 'react'
import type { Experiment } from '@/lib/experiment'
import type { GridShape, Head } from '@/lib/heads'
import { scoreName, type ScoreMethod } from '@/lib/scores'
import { Button } from '@/ui/Button'
import { EmptyNote } from '@/ui/EmptyNote'
import { Segmented } from '@/ui/Segmented'
import { ScoreChart } from './ScoreChart'
import { ScoreSelect } from './ScoreSelect'
import { ScoresStatus } from './ScoresStatus'
import { useScores, useWish } from './useScores'

type Props = {
  experiment: Experiment
  shape: GridShape
  /** The model can be asked about this prompt now. */
  readable: boolean
  /** Cuts the head, or takes the cut back. */
  onToggle: (head: Head) => void
  /** Shows the head's attention pattern. */
  onFocus: (head: Head) => void
}

const SCALES = [
  { id: 'log', label: 'Log' },
  { id: 'linear', label: 'Linear' },
] as const
const PICK = {
  verb: 'cuts',
  hint: 'A click on a point cuts its head, another takes the cut back.',
}
type Scale = (typeof SCALES)[number]['id']

/** Two scores of all heads against each other: do cheap estimates find what exact cuts find? */
export function ScorePlot({ experiment, shape, readable, onToggle, onFocus }: Props) {
  const [methods, setMethods] = useState<{ x: ScoreMethod; y: ScoreMethod }>({
    x: 'gradient',
    y: 'ablation',
  })
  const [scale, setScale] = useState<Scale>('log')
  const { wanted, want } = useWish(experiment)
  const x = useScores(experiment, methods.x, wanted && readable)
  const y = useScores(experiment, methods.y, wanted && readable)
  const names = [methods.x, methods.y]
    .map((method) => scoreName({ method, metric: null }))
    .join(' and ')
  const known = x.layer && y.layer
  const failed = [x, y].find(({ status }) => status === 'failed')

  if (experiment.prompt === '') return <EmptyNote>Write a prompt to score its heads.</EmptyNote>
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <ScoreSelect
          label="Across"
          value={methods.x}
          onChange={(method) => setMethods({ ...methods, x: method })}
        />
        <ScoreSelect
          label="Up"
          value={methods.y}
          onChange={(method) => setMethods({ ...methods, y: method })}
        />
        <Segmented label="Scale of both axes" options={SCALES} value={scale} onChange={setScale} />
      </div>
      {!known && !wanted ? (
        <EmptyNote>
          <span className="mb-3 block">
            Each of the {shape.nLayers * shape.nHeads} heads becomes a point, so that a cheap
            estimate can be held against an exact measurement.
          </span>
          <Button
            look="primary"
            onClick={want}
            disabledReason={!readable && 'The prompt cannot be read yet.'}
          >
            Measure {names}
          </Button>
        </EmptyNote>
      ) : !known && !failed ? (
        <ScoresStatus scores={[x, y]} />
      ) : (
        <ScoreChart
          x={x.layer}
          y={y.layer}
          error={failed?.error ?? null}
          onRetry={() => {
            if (x.error) x.again()
            if (y.error) y.again()
          }}
          scale={scale}
          cuts={experiment.cuts}
          pick={PICK}
          onPick={onToggle}
          onInspect={onFocus}
        />
      )}
    </div>
  )
}
