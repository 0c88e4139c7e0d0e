import { Button } from '@/ui/Button'

type Props = {
  /** The question is what the cut changes, not what the model says as it is. */
  cut: boolean
  /** Why there is no answer to show yet. */
  blocked: string | null
  onReveal: () => void
}

/** Stands where the answer's layer line will be, until the room has guessed. */
export const Guess = ({ cut, blocked, onReveal }: Props) => (
  <div className="grid min-h-56 flex-1 content-center justify-items-center gap-4 rounded-xl border-2 border-dashed border-line p-4 text-center">
    <p className="text-xl text-balance text-ink-2 lg:text-2xl">
      {cut ? 'Does it still say the same?' : 'Which word comes next?'} Guess before you look.
    </p>
    <Button
      look="primary"
      onClick={onReveal}
      disabledReason={blocked}
      className="h-16! px-7! text-2xl!"
    >
      What will it say?
    </Button>
  </div>
)
