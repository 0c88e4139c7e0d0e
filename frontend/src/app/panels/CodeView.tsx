import { CodePanel } from '@/features/export/CodePanel'
import { useRunResult } from '../useRun'
import { useWorkspace } from '../WorkspaceContext'

export function CodeView() {
  const asked = useWorkspace((state) => state.asked)
  const { result } = useRunResult()
  return <CodePanel experiment={asked} result={result} />
}
