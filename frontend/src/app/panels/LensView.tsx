import { memo } from 'react'
import { LensPanel } from '@/features/lens/LensPanel'
import { useTexts } from '../useRun'
import { useActions, useWorkspace } from '../WorkspaceContext'

/** A text that is being written changes nothing here until it is looked into. */
const Panel = memo(LensPanel)

export function LensView() {
  const asked = useWorkspace((state) => state.asked)
  const { selectToken } = useActions()
  return <Panel experiment={asked} texts={useTexts()} onSelectToken={selectToken} />
}
