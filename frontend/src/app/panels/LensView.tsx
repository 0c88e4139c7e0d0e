import { LensPanel } from '@/features/lens/LensPanel'
import { useTexts } from '../useRun'
import { useActions, useWorkspace } from '../WorkspaceContext'

export function LensView() {
  const asked = useWorkspace((state) => state.asked)
  const { selectToken } = useActions()
  return <LensPanel experiment={asked} texts={useTexts()} onSelectToken={selectToken} />
}
