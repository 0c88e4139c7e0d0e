import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { PictureNote } from '@/charts/pictureNote'
import { FileDrop, Problems } from '@/features/evidence/FileDrop'
import { RunList, tellAsked } from '@/features/evidence/RunList'
import { RunStatus } from '@/features/evidence/RunStatus'
import { TaskForm } from '@/features/evidence/TaskForm'
import { TaskPreview } from '@/features/evidence/TaskPreview'
import { LayerFigure } from '@/features/grid/LayerFigure'
import { MarksBar } from '@/features/marks/MarksBar'
import { useMarks } from '@/features/marks/useMarks'
import { joinMarks } from '@/lib/circuit'
import { EVIDENCE_MARKS } from '@/lib/evidence'
import type { EvidenceTab } from '@/lib/evidenceLink'
import { Boundary } from '@/ui/Boundary'
import { ErrorNote } from '@/ui/ErrorNote'
import { KindMark } from '@/ui/KindMark'
import { Panel } from '@/ui/Panel'
import { Tabs } from '@/ui/Tabs'
import { HeadsAndFindings } from '../workspace/HeadsAndFindings'
import { ComparePanel } from './ComparePanel'
import { HeadsPanel } from './HeadsPanel'
import { ItemsPanel } from './ItemsPanel'
import { taskQuery, tasksQuery } from './runQueries'
import { useEvidence, type Evidence } from './useEvidence'

/** How many items are shown before a run. */
const PREVIEWED = 20

const TABS: readonly { id: EvidenceTab; label: string; title: string }[] = [
  { id: 'heads', label: 'Heads', title: 'Which heads stand the test?' },
  { id: 'items', label: 'Items', title: 'One head, item by item' },
  { id: 'compare', label: 'Runs', title: 'What is kept, and two runs against each other' },
]

/** A task and what is measured above, the heads on the left, what was found on the right. */
export function EvidenceView() {
  const evidence = useEvidence()
  const { change, findings } = evidence
  const { run } = findings
  return (
    <PictureNote value={run ? `${run.title} ${tellAsked(run)}`.trim() : ''}>
      <Boundary name="Task">
        <Task evidence={evidence} />
      </Boundary>
      {run && (
        <RunStatus
          run={run}
          changing={change.isPending}
          onStop={() => change.mutate({ id: run.id, to: 'stop' })}
          onResume={() => change.mutate({ id: run.id, to: 'resume' })}
        >
          {change.error && <ErrorNote error={change.error} />}
        </RunStatus>
      )}
      <HeadsAndFindings
        heads={
          <Boundary name="Attention heads">
            <MeanHeads evidence={evidence} />
          </Boundary>
        }
        findings={<FindingsPanel evidence={evidence} />}
      />
    </PictureNote>
  )
}

function Task({ evidence }: { evidence: Evidence }) {
  const { question, model, own, runs, start, update } = evidence
  // Until the reader folds it, it is open as long as there is no run to be looked at.
  const [isFolded, setFolded] = useState<boolean | null>(null)
  const tasks = useQuery(tasksQuery())
  const isReady = model?.state === 'ready'
  const preview = useQuery(
    taskQuery(
      isReady && own.file === null && question.task !== null
        ? {
            task: question.task,
            parameters: question.parameters,
            n: Math.min(PREVIEWED, question.n),
            seed: question.seed,
            model: model.name,
          }
        : null,
    ),
  )
  const failed = tasks.error ?? own.error ?? preview.error ?? start.error
  const shown = own.file ? own.items : (preview.data ?? null)
  const blocked = !isReady
    ? 'No model is ready yet.'
    : runs.data?.offered === false
      ? 'This server takes no runs.'
      : null
  return (
    <FileDrop
      onFile={own.open}
      className="grid gap-2 rounded-xl border border-line bg-surface p-3 sm:px-4"
    >
      <TaskForm
        question={question}
        tasks={tasks.data?.tasks ?? []}
        mostItems={runs.data?.max_items ?? 1000}
        own={
          own.file && {
            name: own.file.name,
            items: own.items?.items.length ?? null,
            hasCorrupt: own.items?.items.every(({ corrupt }) => corrupt !== null) ?? true,
          }
        }
        onFile={own.open}
        onCloseFile={own.close}
        blocked={blocked}
        starting={start.isPending}
        folded={isFolded ?? question.run !== null}
        onFold={setFolded}
        onUpdate={update}
        onStart={(title) => {
          setFolded(null)
          start.mutate(title)
        }}
        error={
          failed && (
            <ErrorNote
              error={failed}
              onRetry={() => {
                if (tasks.error) void tasks.refetch()
                if (preview.error) void preview.refetch()
                if (start.error) start.reset()
              }}
            />
          )
        }
      />
      {own.items && <Problems problems={own.items.problems} />}
      {shown && <TaskPreview preview={shown} stale={!own.file && preview.isPlaceholderData} />}
    </FileDrop>
  )
}

/** The grid coloured by the mean; what stands the test is marked by its shape. */
function MeanHeads({ evidence }: { evidence: Evidence }) {
  const { question, model, shape, findings, update } = evidence
  const { layer, marks, circuit, error, retry } = findings
  const kinds = useMarks(question.marks, model)
  return (
    <Panel
      title="Attention heads"
      titleHidden
      className="grid grid-cols-[minmax(0,1fr)] content-start gap-3 overflow-y-auto px-2! sm:p-4! lg:h-full"
    >
      <LayerFigure
        name={circuit ? 'Heads of the circuit' : 'Mean of every head over the task'}
        shape={shape}
        hasMlps={false}
        layer={layer}
        stale={false}
        state={error ? { kind: 'error', error, onRetry: retry } : { kind: 'ready' }}
        marks={joinMarks(marks, kinds.marks)}
        hint={circuit ? '' : 'Press a head to see its items.'}
        focus={question.focus}
        onFocus={(focus) => update({ focus, tab: 'items' })}
        status={
          <>
            {layer && !circuit && (
              <ul
                aria-label="Marks"
                className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-ink-2"
              >
                {EVIDENCE_MARKS.map(({ title, shape: mark, weak }) => (
                  <li key={title} className="flex items-center gap-1">
                    <KindMark shape={mark} weak={weak} />
                    {title}
                  </li>
                ))}
              </ul>
            )}
            <MarksBar
              value={question.marks}
              view={kinds}
              onChange={(next) => update({ marks: next })}
            />
          </>
        }
      />
    </Panel>
  )
}

function FindingsPanel({ evidence }: { evidence: Evidence }) {
  const { question, runs, findings, update, remove } = evidence
  return (
    <section
      aria-label="Findings"
      className="flex h-full min-h-0 min-w-0 flex-col overflow-hidden rounded-xl border border-line bg-surface"
    >
      <Tabs
        label="Findings"
        tabs={TABS}
        selected={question.tab}
        onSelect={(tab) => update({ tab })}
      >
        <Boundary key={question.tab} name="Findings">
          {question.tab === 'heads' && (
            <HeadsPanel findings={findings} onOpen={(focus) => update({ focus, tab: 'items' })} />
          )}
          {question.tab === 'items' && <ItemsPanel evidence={evidence} />}
          {question.tab === 'compare' && (
            <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
              {runs.error && <ErrorNote error={runs.error} onRetry={() => void runs.refetch()} />}
              {remove.error && <ErrorNote error={remove.error} />}
              {runs.data && (
                <RunList
                  runs={runs.data.runs}
                  shown={question.run}
                  against={question.against}
                  onShow={(run) => update({ run, against: null }, { push: true })}
                  onCompare={(against) => update({ against })}
                  onDelete={remove.mutate}
                />
              )}
              <ComparePanel evidence={evidence} />
            </div>
          )}
        </Boundary>
      </Tabs>
    </section>
  )
}
