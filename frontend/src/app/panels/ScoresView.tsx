import { ScorePlot } from '@/features/scatter/ScorePlot'
import { useReading } from '../useReading'
import { useActions, useWorkspace } from '../WorkspaceContext'

export function ScoresView() {
  const asked = useWorkspace((state) => state.asked)
  const shape = useWorkspace((state) => state.shape)
  const { toggle, inspect } = useActions()
  const { unreadable } = useReading()
  return (
    <ScorePlot
      experiment={asked}
      shape={shape}
      readable={unreadable === null}
      onToggle={toggle}
      onFocus={inspect}
    />
  )
}
