import { useMemo } from 'react'
import { GridPanel } from '@/features/grid/GridPanel'
import { ScorePicker } from '@/features/importance/ScorePicker'
import { SweepStatus } from '@/features/importance/SweepStatus'
import { rankingBodyOf, useRanking } from '@/features/importance/useImportance'
import { MarksBar } from '@/features/marks/MarksBar'
import { useMarks } from '@/features/marks/useMarks'
import { suggestedTokens } from '@/lib/nextToken'
import { scoreLayer, tellRedundancy } from '@/lib/scores'
import { ErrorNote } from '@/ui/ErrorNote'
import { useMeasurement } from './useMeasurement'
import { useNextToken } from './useNextToken'
import { useReading } from './useReading'
import { useActions, useWorkspace } from './WorkspaceContext'

/** The grid of heads with its scores, and what is cut. */
export function Heads() {
  const actions = useActions()
  const experiment = useWorkspace((state) => state.experiment)
  const shape = useWorkspace((state) => state.shape)
  const methods = useWorkspace((state) => state.methods)
  const model = useWorkspace((state) => state.model)
  const hidden = useWorkspace((state) => state.hidden)
  const { tokens, unreadable } = useReading()
  const measurement = useMeasurement()
  const ranking = useRanking((result, k) => actions.cutTop(result.ranking, k))
  const table = measurement.table ?? measurement.before
  const layer = useMemo(() => table && scoreLayer(table), [table])
  const marks = useMarks(experiment.marks, model)
  const top = (k: number) => {
    if (experiment.score === 'none') actions.update({ score: 'gradient' })
    ranking.mutate({ body: rankingBodyOf(experiment), k })
  }
  return (
    <GridPanel
      experiment={experiment}
      shape={shape}
      methods={methods}
      tokens={tokens?.tokens ?? null}
      layer={layer}
      stale={measurement.table === null}
      scorePicker={<Score />}
      marks={marks.marks}
      marksBar={
        <MarksBar
          value={experiment.marks}
          view={marks}
          onChange={(next) => actions.update({ marks: next })}
        />
      }
      scoreStatus={measurement.isNotable ? <SweepStatus measurement={measurement} /> : null}
      scoreNote={
        experiment.score === 'none'
          ? null
          : tellRedundancy(measurement.alone, measurement.conditional, experiment.cuts)
      }
      hidden={hidden}
      onForgetHidden={actions.forgetHidden}
      onUpdate={actions.update}
      onInspect={actions.inspect}
      onTop={top}
      topBlocked={unreadable ?? (ranking.isPending ? 'The scores are being measured.' : null)}
      topError={
        ranking.error && (
          <ErrorNote
            error={ranking.error}
            onRetry={() => ranking.variables && ranking.mutate(ranking.variables)}
          />
        )
      }
    />
  )
}

/** Chooses the score; by itself, because each answer brings tokens to suggest. */
function Score() {
  const { update } = useActions()
  const experiment = useWorkspace((state) => state.experiment)
  const { data } = useNextToken()
  return (
    <ScorePicker
      experiment={experiment}
      suggested={suggestedTokens(data?.next_token ?? null)}
      onUpdate={update}
    />
  )
}
