import { useState } from 'react'
import { Button } from '@/ui/Button'
import type { Entry } from './keys'
import { linkTo } from './SavedLink'

type Props = {
  entry: Entry
  chosen: boolean
  /** Why it cannot be compared now. */
  full: boolean
  pending: boolean
  onChoose: (chosen: boolean) => void
  onDelete: () => void
}

export const day = (time: string): string =>
  new Date(time).toLocaleDateString(undefined, { dateStyle: 'medium' })

/** One saved experiment: opened by its title, compared by its box, deleted in two steps. */
export function SavedRow({ entry, chosen, full, pending, onChoose, onDelete }: Props) {
  const [asking, setAsking] = useState(false)
  const { id, title, saved, expires } = entry
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-2 last:border-b-0">
      <input
        type="checkbox"
        aria-label={`Compare ${title}`}
        checked={chosen}
        disabled={full && !chosen}
        onChange={(event) => onChoose(event.target.checked)}
        className="size-4 accent-(--accent) pointer-coarse:size-6"
      />
      <div className="min-w-0 flex-1 basis-40">
        <a
          href={linkTo(id)}
          className="block truncate text-sm font-medium text-ink underline-offset-2 hover:underline"
        >
          <bdi>{title}</bdi>
        </a>
        <span className="text-xs text-ink-3">
          saved {day(saved)} · kept until {day(expires)}
        </span>
      </div>
      {asking ? (
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
      ) : (
        <Button
          size="small"
          look="quiet"
          aria-label={`Delete ${title}`}
          onClick={() => setAsking(true)}
        >
          Delete
        </Button>
      )}
    </li>
  )
}
