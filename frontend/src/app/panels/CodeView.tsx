import { CodePanel } from '@/features/export/CodePanel'
import { useRun } from '../useRun'
import { useWorkspace } from '../WorkspaceContext'

export function CodeView() {
  const asked = useWorkspace((state) => state.asked)
  const model = useWorkspace((state) => state.model)
  const { state, outdated } = useRun()
  return <CodePanel experiment={asked} result={outdated ? null : state.result} modelInfo={model} />
}
