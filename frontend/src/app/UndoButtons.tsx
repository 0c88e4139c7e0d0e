import { Button } from '@/ui/Button'

type Props = { undo: (() => void) | null; redo: (() => void) | null }

/** One step back and forward. */
export function UndoButtons({ undo, redo }: Props) {
  return (
    <div className="flex max-sm:mr-auto">
      <Button
        look="quiet"
        aria-label="Undo"
        title="Undo (Ctrl+Z)"
        disabledReason={!undo && 'Nothing to undo.'}
        onClick={() => undo?.()}
        className="w-9 px-0!"
      >
        <Arrow />
      </Button>
      <Button
        look="quiet"
        aria-label="Redo"
        title="Redo (Ctrl+Shift+Z)"
        disabledReason={!redo && 'Nothing to redo.'}
        onClick={() => redo?.()}
        className="w-9 px-0!"
      >
        <Arrow className="-scale-x-100" />
      </Button>
    </div>
  )
}

const Arrow = ({ className }: { className?: string }) => (
  <svg
    viewBox="0 0 16 16"
    aria-hidden
    className={`size-4 fill-none stroke-current ${className ?? ''}`}
  >
    <path
      d="M5.5 3 2.5 6l3 3M3 6h6.5a3.75 3.75 0 0 1 0 7.5H6"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  </svg>
)
