import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'
import { useWorkspace } from '../WorkspaceContext'

type Props = { error: Error; onRetry: () => void; onLeave: () => void }

/** What a link names could not be opened: once more, or without it. */
export function NotOpened({ error, onRetry, onLeave }: Props) {
  const isWritten = useWorkspace((state) => state.isWritten)
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div className="min-w-0 flex-1">
        <ErrorNote error={error} onRetry={onRetry} />
      </div>
      <Button size="small" onClick={onLeave}>
        {isWritten ? 'Go on without it' : 'Begin with an example'}
      </Button>
    </div>
  )
}
