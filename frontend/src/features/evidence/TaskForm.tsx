import { useState, type ReactNode } from 'react'
import type { TaskInfo } from '@/api/types'
import { MEASURES, MOST_ITEMS, type EvidenceQuestion } from '@/lib/evidenceLink'
import { Button } from '@/ui/Button'
import { NumberField } from '@/ui/NumberField'
import { measureEntry } from './measures'

type Props = {
  question: EvidenceQuestion
  tasks: readonly TaskInfo[]
  mostItems: number
  /** Why a run cannot be started now. */
  blocked: string | null
  starting: boolean
  onUpdate: (change: Partial<EvidenceQuestion>) => void
  onStart: (title: string) => void
  /** What went wrong when it was tried. */
  error: ReactNode | null
}

const FIELD =
  'h-9 w-full rounded-md border border-line-strong bg-surface px-2 text-sm text-ink pointer-coarse:h-11'

/** Which task, how many of its items, and what is measured of every head on each. */
export function TaskForm(props: Props) {
  const { question, tasks, mostItems, blocked, starting, onUpdate, onStart, error } = props
  const [title, setTitle] = useState('')
  const chosen = tasks.find(({ name }) => name === question.task)
  const measure = measureEntry(question.measure)
  const lacksCorrupt = chosen && measure.needsCorrupt && !chosen.has_corrupt
  return (
    <div className="grid gap-2">
      <div className="grid grid-cols-2 items-end gap-2 sm:grid-cols-[minmax(0,2fr)_6rem_6rem_minmax(0,1.5fr)_minmax(0,1.5fr)_auto]">
        <Labelled label="Task">
          <select
            aria-label="Task"
            value={question.task ?? ''}
            onChange={(event) => onUpdate({ task: event.target.value })}
            className={FIELD}
          >
            {!chosen && (
              <option value={question.task ?? ''}>{question.task ?? 'choose one'}</option>
            )}
            {tasks.map(({ name, title: label }) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </Labelled>
        <NumberField
          label="Items"
          value={question.n}
          min={1}
          max={Math.min(MOST_ITEMS, mostItems)}
          onChange={(n) => n !== null && onUpdate({ n })}
        />
        <NumberField
          label="Seed"
          value={question.seed}
          min={0}
          max={Number.MAX_SAFE_INTEGER}
          onChange={(seed) => seed !== null && onUpdate({ seed })}
        />
        <Labelled label="Measured of every head">
          <select
            aria-label="Measured of every head"
            value={question.measure}
            onChange={(event) =>
              onUpdate({ measure: event.target.value as EvidenceQuestion['measure'] })
            }
            className={FIELD}
          >
            {MEASURES.map((id) => (
              <option key={id} value={id}>
                {measureEntry(id).label}
              </option>
            ))}
          </select>
        </Labelled>
        <Labelled label="Name of the run">
          <input
            aria-label="Name of the run"
            value={title}
            maxLength={120}
            placeholder="unnamed"
            onChange={(event) => setTitle(event.target.value)}
            className={FIELD}
          />
        </Labelled>
        <Button
          look="primary"
          className="h-9! pointer-coarse:h-11!"
          disabledReason={
            blocked ??
            (starting
              ? 'It is being started.'
              : !chosen
                ? 'Choose a task first.'
                : lacksCorrupt
                  ? 'The items of this task have no corrupt prompts to patch from.'
                  : null)
          }
          onClick={() => onStart(title.trim())}
        >
          Start run
        </Button>
      </div>
      <p className="text-xs text-pretty text-ink-3">
        {chosen && `${chosen.meaning.replaceAll('`', '')} `}A head’s number: {measure.meaning}.
      </p>
      {error}
    </div>
  )
}

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <p className="mb-1 text-xs text-ink-2">{label}</p>
      {children}
    </div>
  )
}
