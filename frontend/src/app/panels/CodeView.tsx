import { repeatBodyOf } from '@/api/requests'
import { CodePanel } from '@/features/export/CodePanel'
import { useRunResult } from '../useRun'
import { useWorkspace } from '../WorkspaceContext'

export function CodeView() {
  const asked = useWorkspace((state) => state.asked)
  const { result } = useRunResult()
  return (
    <CodePanel
      path="/infer"
      body={repeatBodyOf(asked, result?.seed ?? null)}
      waiting={asked.model === null}
      about="The same run without this page: it prints both texts and the page’s KL, perplexities and top-1 changed."
      name="Attention surgery run"
    />
  )
}
