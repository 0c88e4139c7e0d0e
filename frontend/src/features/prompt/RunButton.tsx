import { Button } from '@/ui/Button'
import { useStop } from '@/ui/useStop'

type Props = {
  running: boolean
  /** Why nothing can be run now. */
  blocked: string | null
  onRun: () => void
  onStop: () => void
}

const hint = () => (navigator.platform.startsWith('Mac') ? '⌘ Enter' : 'Ctrl Enter')

/** Writes both texts, or ends that. */
export function RunButton({ running, blocked, onRun, onStop }: Props) {
  const stop = useStop(running, onStop)
  if (running) {
    return (
      <Button onClick={stop} className="h-11! min-w-40 flex-1">
        <span aria-hidden className="size-2.5 rounded-[2px] bg-cut" /> Stop
      </Button>
    )
  }
  return (
    <Button
      look="primary"
      onClick={onRun}
      disabledReason={blocked}
      title={`Writes both texts, intact and cut · ${hint()}`}
      aria-keyshortcuts="Control+Enter Meta+Enter"
      className="h-11! min-w-40 flex-1"
    >
      Run inference
      <kbd aria-hidden className="hidden text-xs font-normal opacity-70 lg:inline">
        {hint()}
      </kbd>
    </Button>
  )
}
