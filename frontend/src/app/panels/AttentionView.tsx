import { AttentionPanel } from '@/features/attention/AttentionPanel'
import { useTexts } from '../useRun'
import { useActions, useWorkspace } from '../WorkspaceContext'

export function AttentionView() {
  const asked = useWorkspace((state) => state.asked)
  const shape = useWorkspace((state) => state.shape)
  const methods = useWorkspace((state) => state.methods)
  const { update } = useActions()
  return (
    <AttentionPanel
      experiment={asked}
      shape={shape}
      methods={methods}
      texts={useTexts()}
      onFocusHead={(focus) => update({ focus })}
    />
  )
}
