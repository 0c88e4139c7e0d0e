import { useState } from 'react'
import { Button } from './Button'

type Props = {
  /** What goes, for screen readers: "Delete Ada". */
  label: string
  /** On the button, where that is more than one word. */
  text?: string
  pending: boolean
  onDelete: () => void
}

/** Deletes in two steps: the second one says that it is for good. */
export function DeleteButton({ label, text = 'Delete', pending, onDelete }: Props) {
  const [asking, setAsking] = useState(false)
  if (!asking) {
    return (
      <Button size="small" look="quiet" aria-label={label} onClick={() => setAsking(true)}>
        {text}
      </Button>
    )
  }
  return (
    <span className="flex items-center gap-1.5">
      <Button
        size="small"
        look="danger"
        onClick={onDelete}
        disabledReason={pending && 'It is being deleted.'}
      >
        Delete for good
      </Button>
      <Button size="small" look="quiet" onClick={() => setAsking(false)}>
        Keep
      </Button>
    </span>
  )
}
