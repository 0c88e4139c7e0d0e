import type { Run } from '@/api/types'
import { tellRun, tellTogether } from '@/lib/evidence'
import { Button } from '@/ui/Button'
import { EmptyNote } from '@/ui/EmptyNote'
import { cx } from '@/ui/cx'
import { measureOfRun } from './measures'

type Props = {
  runs: readonly Run[]
  shown: string | null
  against: string | null
  onShow: (id: string) => void
  onCompare: (id: string | null) => void
  onDelete: (id: string) => void
}

type Asked = Pick<Run, 'task' | 'analysis' | 'seed' | 'model'>

const partsOf = ({ task, analysis, seed, model }: Asked) => [
  task,
  measureOfRun(analysis)?.label ?? tellTogether(analysis) ?? String(analysis['name']),
  seed === null ? '' : `seed ${seed}`,
  model,
]

const joined = (parts: readonly string[]) => parts.filter(Boolean).join(' · ')

/** What a run measured, in a few words. */
export const tellAsked = (run: Asked): string => joined(partsOf(run))

/** What tells it from another; all where nothing does. */
export function tellAgainst(run: Asked, other: Asked): string {
  const others = partsOf(other)
  return joined(partsOf(run).filter((part, i) => part !== others[i])) || tellAsked(run)
}

/** The runs that are kept: one is shown, another can be held against it. */
export function RunList({ runs, shown, against, onShow, onCompare, onDelete }: Props) {
  if (runs.length === 0) return <EmptyNote>No run is kept yet. Start one above.</EmptyNote>
  return (
    <ul
      aria-label="Runs"
      // A scrolling list must be reachable by keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      // Two runs against each other stand below it, however many are kept.
      className="relative grid max-h-80 grid-cols-[minmax(0,1fr)] gap-1.5 overflow-y-auto"
    >
      {runs.map((run) => (
        <li
          key={run.id}
          className={cx(
            'flex flex-wrap items-center justify-between gap-x-3 gap-y-1 rounded-lg border px-3 py-2',
            run.id === shown ? 'border-line-strong bg-sunken' : 'border-line',
          )}
        >
          <div className="min-w-0 flex-1 basis-56">
            <p className="truncate text-sm font-medium text-ink">{run.title || tellAsked(run)}</p>
            <p className="text-xs text-ink-3">
              {run.title && `${tellAsked(run)} · `}
              {tellRun(run)}
            </p>
          </div>
          <div className="flex gap-1">
            <Button
              size="small"
              aria-label={`Show ${run.title || tellAsked(run)}`}
              onClick={() => onShow(run.id)}
              disabledReason={run.id === shown && 'It is shown.'}
            >
              Show
            </Button>
            <Button
              size="small"
              aria-label={`${run.id === against ? 'No longer compare' : 'Compare'} ${run.title || tellAsked(run)}`}
              onClick={() => onCompare(run.id === against ? null : run.id)}
              disabledReason={
                shown === null
                  ? 'Show a run first.'
                  : run.id === shown && 'It would be held against itself.'
              }
            >
              {run.id === against ? 'Compared' : 'Compare'}
            </Button>
            <Button
              size="small"
              look="quiet"
              aria-label={`Delete ${run.title || tellAsked(run)}`}
              onClick={() => onDelete(run.id)}
            >
              Delete
            </Button>
          </div>
        </li>
      ))}
    </ul>
  )
}
