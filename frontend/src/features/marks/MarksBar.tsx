import type { Marking } from '@/lib/headKinds'
import { headName } from '@/lib/heads'
import { ErrorNote } from '@/ui/ErrorNote'
import { KindMark } from '@/ui/KindMark'
import { Term } from '@/ui/Term'
import { MARKING_ENTRIES } from './registry'
import type { MarksView } from './useMarks'

type Props = { value: Marking; view: MarksView; onChange: (marking: Marking) => void }

/** Which kinds of heads are marked on the grid, and what the marks mean. */
export function MarksBar({ value, view, onChange }: Props) {
  return (
    <div className="grid gap-1 text-xs text-ink-2">
      <div className="flex items-center gap-2">
        <span className="flex gap-1">
          Marks <Term id="headKinds">?</Term>
        </span>
        <select
          aria-label="Marks: kinds of heads"
          value={value}
          onChange={(event) => onChange(event.target.value as Marking)}
          className="h-7 rounded-md border border-line-strong bg-surface px-1.5 text-xs text-ink pointer-coarse:h-11"
        >
          {MARKING_ENTRIES.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
        {view.isWaiting && (
          <span role="status" className="text-ink-3">
            being measured
          </span>
        )}
      </div>
      {view.error ? <ErrorNote error={view.error} onRetry={view.retry} /> : <Kinds view={view} />}
    </div>
  )
}

/** What each mark means, how many heads have it, and who says so. */
function Kinds({ view: { kinds, note } }: { view: MarksView }) {
  if (!kinds) return null
  const sources = [...new Set(kinds.flatMap(({ source }) => source ?? []))]
  return (
    <>
      <ul aria-label="Kinds of heads" className="flex flex-wrap gap-x-3 gap-y-0.5 empty:hidden">
        {kinds.map(({ name, title, meaning, source, shape, heads, weak }) => (
          <li
            key={name}
            title={`${meaning}${source === null ? '' : ` (${source})`}: ${[...heads, ...weak].map(headName).join(', ') || 'none'}`}
            className="flex items-center gap-1"
          >
            <KindMark shape={shape} />
            {title} <span className="tabular text-ink-3">{heads.length + weak.length}</span>
          </li>
        ))}
      </ul>
      {(note || sources.length > 0) && (
        <p className="text-pretty text-ink-3">
          {note} {sources.length > 0 && `Source: ${sources.join('; ')}.`}
        </p>
      )}
    </>
  )
}
