import { useImportance } from '@/features/importance/useImportance'
import { useReading } from './useReading'
import { useWorkspace } from './WorkspaceContext'

/** The scores of the heads, as the page asks for them. */
export function useMeasurement() {
  const asked = useWorkspace((state) => state.asked)
  const { unreadable } = useReading()
  return useImportance(asked, unreadable === null)
}
