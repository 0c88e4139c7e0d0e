import { useState, type ReactNode } from 'react'
import type { TaskInfo } from '@/api/types'
import { count } from '@/lib/format'
import { MEASURES, MOST_ITEMS, type EvidenceQuestion } from '@/lib/evidenceLink'
import { Button } from '@/ui/Button'
import { FoldButton } from '@/ui/FoldButton'
import { NumberField } from '@/ui/NumberField'
import { FIELD, Labelled } from './fields'
import { FileButton } from './FileDrop'
import { measureEntry } from './measures'
import { TaskParameters } from './TaskParameters'

type Props = {
  question: EvidenceQuestion
  tasks: readonly TaskInfo[]
  mostItems: number
  /** A file of one's own, in place of a task; its items once they are read. */
  own: { readonly name: string; readonly items: number | null; readonly hasCorrupt: boolean } | null
  onFile: (file: File) => void
  onCloseFile: () => void
  /** Why a run cannot be started now. */
  blocked: string | null
  starting: boolean
  /** One line: what is asked, without the task's parameters and what they mean. */
  folded: boolean
  onFold: (folded: boolean) => void
  onUpdate: (change: Partial<EvidenceQuestion>) => void
  onStart: (title: string) => void
  /** What went wrong when it was tried. */
  error: ReactNode | null
}

/** Which task, how many of its items, and what is measured of every head on each. */
export function TaskForm(props: Props) {
  const { question, tasks, mostItems, own, blocked, starting, folded, onUpdate, onStart } = props
  const [title, setTitle] = useState('')
  const chosen = tasks.find(({ name }) => name === question.task)
  const measure = measureEntry(question.measure)
  const hasCorrupt = own ? own.hasCorrupt : (chosen?.has_corrupt ?? true)
  const lacks =
    own === null && !chosen
      ? 'Choose a task first.'
      : own?.items === null
        ? 'The file is being read.'
        : measure.needsCorrupt && !hasCorrupt
          ? 'The items of this task have no corrupt prompts to patch from.'
          : null
  return (
    <div className="grid gap-2">
      <div className="grid grid-cols-2 items-end gap-2 sm:grid-cols-[minmax(0,2fr)_6rem_6rem_minmax(0,1.5fr)_minmax(0,1.5fr)_auto]">
        {own ? (
          <OwnItems own={own} onClose={props.onCloseFile} />
        ) : (
          <Drawn question={question} tasks={tasks} mostItems={mostItems} onUpdate={onUpdate} />
        )}
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
        <div className="flex gap-1">
          <Button
            look="primary"
            className="h-9! flex-1 pointer-coarse:h-11!"
            disabledReason={blocked ?? (starting ? 'It is being started.' : lacks)}
            onClick={() => onStart(title.trim())}
          >
            Start run
          </Button>
          <FoldButton
            folded={folded}
            onFold={props.onFold}
            what="Parameters, meaning and items of your own"
          />
        </div>
      </div>
      {!folded && (
        <div className="grid gap-x-6 gap-y-2 lg:grid-cols-2">
          {own === null && chosen && (
            <TaskParameters
              key={chosen.name}
              schemas={chosen.parameters}
              values={question.parameters}
              onChange={(parameters) => onUpdate({ parameters })}
            />
          )}
          <div className="grid content-start gap-2 text-xs text-ink-3 lg:only:col-span-2">
            <p className="text-pretty">
              {own === null && chosen && `${chosen.meaning.replaceAll('`', '')} `}A head’s number:{' '}
              {measure.meaning}.
            </p>
            <div className="flex flex-wrap items-center gap-2">
              <FileButton onFile={props.onFile} />
              <span>
                or dropped here: JSONL or CSV with prompt, answer and, if there are, foil and
                corrupt.
              </span>
            </div>
          </div>
        </div>
      )}
      {props.error}
    </div>
  )
}

type OwnProps = { own: NonNullable<Props['own']>; onClose: () => void }

/** The file that stands in place of a task. */
const OwnItems = ({ own, onClose }: OwnProps) => (
  <div className="col-span-2 min-w-0 sm:col-span-3">
    <p className="mb-1 text-xs text-ink-2">Items of your own</p>
    <div className="flex h-9 items-center gap-2">
      <span className="min-w-0 truncate text-sm font-medium text-ink">
        <bdi>{own.name}</bdi>
      </span>
      <span className="text-xs whitespace-nowrap text-ink-2">
        {own.items === null ? 'is being read' : count(own.items, 'item')}
      </span>
      <Button size="small" look="quiet" onClick={onClose} aria-label={`Leave ${own.name}`}>
        Leave
      </Button>
    </div>
  </div>
)

type DrawnProps = Pick<Props, 'question' | 'tasks' | 'mostItems' | 'onUpdate'>

/** A task, and how many of its items are drawn by which seed. */
function Drawn({ question, tasks, mostItems, onUpdate }: DrawnProps) {
  const isKnown = tasks.some(({ name }) => name === question.task)
  return (
    <>
      <Labelled label="Task">
        <select
          aria-label="Task"
          value={question.task ?? ''}
          onChange={(event) => onUpdate({ task: event.target.value, parameters: {} })}
          className={FIELD}
        >
          {!isKnown && <option value={question.task ?? ''}>{question.task ?? 'choose one'}</option>}
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
    </>
  )
}
