import { memo, useCallback } from 'react'
import { AttentionPanel } from '@/features/attention/AttentionPanel'
import type { Head } from '@/lib/heads'
import { useTexts } from '../useRun'
import { useActions, useWorkspace } from '../WorkspaceContext'

/** A text that is being written changes nothing here until it is looked into. */
const Panel = memo(AttentionPanel)

export function AttentionView() {
  const asked = useWorkspace((state) => state.asked)
  const shape = useWorkspace((state) => state.shape)
  const methods = useWorkspace((state) => state.methods)
  const { update } = useActions()
  const focusHead = useCallback((focus: Head) => update({ focus }), [update])
  return (
    <Panel
      experiment={asked}
      shape={shape}
      methods={methods}
      texts={useTexts()}
      onFocusHead={focusHead}
    />
  )
}
