import type { ClassLink } from '@/api/types'
import { ClassQuestion } from '@/features/classroom/ClassQuestion'
import { RunButton } from '@/features/prompt/RunButton'
import { tellSettings } from '@/lib/tellExperiment'
import { useReading } from '../useReading'
import { useRunResult } from '../useRun'
import { useActions, useWorkspace } from '../WorkspaceContext'

/** What the class is asked, where else the prompt is written. */
export function ClassPrompt({ asked }: { asked: ClassLink }) {
  const { run, stop } = useActions()
  const experiment = useWorkspace((state) => state.experiment)
  const model = useWorkspace((state) => state.model)
  const { blocked } = useReading()
  const { running } = useRunResult()
  const name = experiment.model ?? 'the model'
  const why = model ? blocked : `The class is about ${name}, which this server does not offer.`
  return (
    <ClassQuestion
      asked={asked}
      prompt={experiment.prompt}
      settings={[model?.title ?? name, tellSettings(experiment)].join(' · ')}
      blocked={why}
      actions={<RunButton running={running} blocked={why} onRun={run} onStop={stop} />}
    />
  )
}
