import { day } from '@/lib/format'
import { DeleteButton } from '@/ui/DeleteButton'
import { isClass, type Entry } from './keys'
import { answersOf, linkTo } from './SavedLink'

type Props = {
  entry: Entry
  chosen: boolean
  /** Why it cannot be compared now. */
  full: boolean
  pending: boolean
  onChoose: (chosen: boolean) => void
  onDelete: () => void
}

/** One saved experiment: opened by its title, compared by its box, deleted in two steps. */
export function SavedRow({ entry, chosen, full, pending, onChoose, onDelete }: Props) {
  const { id, title, saved, expires } = entry
  const ofClass = isClass(entry)
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-2 last:border-b-0">
      {ofClass ? (
        <span className="rounded-sm bg-control-soft px-1 text-xs text-control">class</span>
      ) : (
        <input
          type="checkbox"
          aria-label={`Compare ${title}`}
          checked={chosen}
          disabled={full && !chosen}
          onChange={(event) => onChoose(event.target.checked)}
          className="size-4 accent-(--accent) pointer-coarse:size-6"
        />
      )}
      <div className="min-w-0 flex-1 basis-40">
        <a
          href={ofClass ? answersOf(id) : linkTo(id)}
          className="block truncate text-sm font-medium text-ink underline-offset-2 hover:underline"
        >
          <bdi>{title}</bdi>
        </a>
        <span className="text-xs text-ink-3">
          saved {day(saved)} · kept until {day(expires)}
        </span>
      </div>
      <DeleteButton
        label={`Delete ${title}${ofClass ? ' with all answers' : ''}`}
        text={ofClass ? 'Delete with answers' : 'Delete'}
        pending={pending}
        onDelete={onDelete}
      />
    </li>
  )
}
