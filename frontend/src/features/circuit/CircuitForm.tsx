import type { ReactNode } from 'react'
import type { NamedCircuit, TaskInfo } from '@/api/types'
import { sameCircuit } from '@/lib/circuit'
import { MOST_CIRCUIT_ITEMS, type CircuitQuestion } from '@/lib/circuitLink'
import { count } from '@/lib/format'
import type { Head } from '@/lib/heads'
import { methodNamed, type Methods } from '@/lib/methods'
import { Button } from '@/ui/Button'
import { NumberField } from '@/ui/NumberField'
import { Term } from '@/ui/Term'

type Props = {
  question: CircuitQuestion
  heads: readonly Head[]
  tasks: readonly TaskInfo[]
  known: readonly NamedCircuit[]
  methods: Methods
  onUpdate: (change: Partial<CircuitQuestion>, options?: { push: boolean }) => void
  children: ReactNode
}

const FIELD =
  'h-9 w-full rounded-md border border-line-strong bg-surface px-2 text-sm text-ink pointer-coarse:h-11'

/** The task a circuit is tested on, what stands in for the other heads, and circuits that are known. */
export function CircuitForm(props: Props) {
  const { question, heads, tasks, known, methods, onUpdate, children } = props
  const chosen = tasks.find(({ name }) => name === question.task)
  const standIns = methods.flatMap(({ name, stands_in }) => (stands_in ? [name] : []))
  return (
    <section
      aria-label="Task"
      className="grid gap-2 rounded-xl border border-line bg-surface p-3 sm:px-4"
    >
      <div className="grid grid-cols-2 items-end gap-2 sm:grid-cols-[minmax(0,1.4fr)_5rem_5rem_minmax(0,1fr)] xl:grid-cols-[minmax(0,16rem)_5rem_5rem_minmax(0,12rem)_minmax(0,1fr)]">
        <Labelled label="Task">
          <select
            aria-label="Task"
            value={question.task}
            // A circuit is of a task: another one has its own.
            onChange={(event) =>
              onUpdate({ task: event.target.value, heads: null, focus: null }, { push: true })
            }
            className={FIELD}
          >
            {!chosen && <option value={question.task}>{question.task}</option>}
            {tasks.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </Labelled>
        <NumberField
          label="Items"
          value={question.n}
          min={1}
          max={MOST_CIRCUIT_ITEMS}
          onChange={(n) => n !== null && onUpdate({ n })}
        />
        <NumberField
          label="Seed"
          value={question.seed}
          min={0}
          max={Number.MAX_SAFE_INTEGER}
          onChange={(seed) => seed !== null && onUpdate({ seed })}
        />
        <Labelled label={<Term id="outsideCircuit">Other heads become</Term>}>
          <select
            aria-label="Other heads become"
            value={question.method}
            title={methodNamed(methods, question.method)?.meaning}
            onChange={(event) => onUpdate({ method: event.target.value })}
            className={FIELD}
          >
            {!standIns.includes(question.method) && <option>{question.method}</option>}
            {standIns.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </Labelled>
        {known.length > 0 && (
          <div className="col-span-full min-w-0 xl:col-auto">
            <p className="mb-1 text-xs text-ink-2">Circuits known of this model</p>
            <div className="flex flex-wrap gap-1.5">
              {known.map(({ name, title, task, source, heads: theirs }) => (
                <Button
                  key={name}
                  aria-pressed={task === question.task && sameCircuit(theirs, heads)}
                  title={`${title}, tested on the task ${task}. Source: ${source}`}
                  onClick={() => onUpdate({ task, heads: theirs, focus: null }, { push: true })}
                  className="aria-pressed:border-ink aria-pressed:bg-sunken"
                >
                  {title}
                  <span className="text-xs text-ink-3">{count(theirs.length, 'head')}</span>
                </Button>
              ))}
            </div>
          </div>
        )}
      </div>
      {children}
    </section>
  )
}

function Labelled({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <p className="mb-1 text-xs text-ink-2">{label}</p>
      {children}
    </div>
  )
}
