import { PictureNote } from '@/charts/pictureNote'
import { CircuitForm } from '@/features/circuit/CircuitForm'
import { CurveFigure } from '@/features/circuit/CurveFigure'
import { LossesFigure } from '@/features/circuit/LossesFigure'
import { MeasureCards } from '@/features/circuit/MeasureCards'
import { MEASURES } from '@/features/circuit/measures'
import { NeededFigure } from '@/features/circuit/NeededFigure'
import { SearchPanel } from '@/features/circuit/SearchPanel'
import { TaskPreview } from '@/features/evidence/TaskPreview'
import {
  completenessGauge,
  faithfulnessGauge,
  minimalityGauge,
  tellHeads,
  tellThese,
  toggled,
} from '@/lib/circuit'
import type { CircuitTab } from '@/lib/circuitLink'
import { count } from '@/lib/format'
import { Boundary } from '@/ui/Boundary'
import { Button } from '@/ui/Button'
import { EmptyNote } from '@/ui/EmptyNote'
import { ErrorNote } from '@/ui/ErrorNote'
import { Tabs } from '@/ui/Tabs'
import { AnalysisFiles } from '../patch/AnalysisFiles'
import { StreamStatus } from '../patch/StreamStatus'
import { HeadsAndFindings } from '../workspace/HeadsAndFindings'
import { CircuitHeads } from './CircuitHeads'
import { CircuitItems } from './CircuitItems'
import { CircuitGraph } from './CircuitGraph'
import { curveCsv, headsCsv } from './files'
import { useCircuit, type Circuit } from './useCircuit'

const TABS: readonly { id: CircuitTab; label: string; title: string }[] = [
  { id: 'graph', label: 'Graph', title: 'Who writes into whom?' },
  { id: 'heads', label: 'Heads', title: 'What does each head add, and what is missing?' },
  { id: 'curve', label: 'Curve', title: 'From few heads to all, beside random orders' },
  { id: 'items', label: 'Items', title: 'The circuit item by item' },
  { id: 'search', label: 'Search', title: 'Let the machine look for a small circuit' },
]

/** The task above, the heads of the circuit on the left, how good it is on the right. */
export function CircuitView() {
  const circuit = useCircuit()
  const { question, heads } = circuit
  return (
    <PictureNote value={`${question.task} · ${tellHeads(heads, 12)}`}>
      <Boundary name="Task">
        <TaskOf circuit={circuit} />
      </Boundary>
      <HeadsAndFindings
        className="min-h-[30rem]"
        least="25rem"
        heads={
          <Boundary name="Attention heads">
            <CircuitHeads circuit={circuit} />
          </Boundary>
        }
        findings={
          <div className="flex h-full min-h-0 min-w-0 flex-col gap-2.5">
            <Boundary name="Measures">
              <Measures circuit={circuit} />
            </Boundary>
            <Findings circuit={circuit} />
          </div>
        }
      />
    </PictureNote>
  )
}

function TaskOf({ circuit }: { circuit: Circuit }) {
  const { question, heads, tasks, preview, known, methods, update } = circuit
  const failed = tasks.error ?? preview.error
  return (
    <CircuitForm
      question={question}
      heads={heads}
      tasks={tasks.data?.tasks ?? []}
      known={known}
      methods={methods}
      onUpdate={update}
    >
      {failed && (
        <ErrorNote
          error={failed}
          onRetry={() => {
            if (tasks.error) void tasks.refetch()
            if (preview.error) void preview.refetch()
          }}
        />
      )}
      {preview.data && <TaskPreview preview={preview.data} stale={preview.isPlaceholderData} />}
    </CircuitForm>
  )
}

function Measures({ circuit }: { circuit: Circuit }) {
  const { question, heads, measures, update, isReady } = circuit
  const { faithfulness, completeness, minimality, now, failed, first, full, unit } = measures
  if (!isReady) return <EmptyNote>No model is ready yet.</EmptyNote>
  if (heads.length === 0) return null
  if (failed) {
    return <ErrorNote error={failed} onRetry={() => (first.error ? first.again() : full.again())} />
  }
  const whole = faithfulness?.whole.mean ?? 0
  // Each part comes in by itself, of few items and then of more.
  const noteOf = (part: { n: number } | null) =>
    part && part.n < question.n && <p role="status">first {count(part.n, 'item')}</p>
  const superfluous = now.minimality?.superfluous ?? []
  return (
    <>
      {measures.warnings.map((warning) => (
        <p key={warning} className="px-1 text-xs text-warn">
          {warning}
        </p>
      ))}
      <MeasureCards
        cards={[
          {
            ...MEASURES.faithfulness,
            measured: faithfulness && faithfulnessGauge(faithfulness, unit),
            stale: now.faithfulness === null,
            note: noteOf(faithfulness),
          },
          {
            ...MEASURES.completeness,
            measured: completeness && completenessGauge(completeness, whole),
            stale: now.completeness === null,
            note: noteOf(completeness),
            working:
              full.status === 'running' || full.status === 'stopped' ? (
                <StreamStatus
                  view={full}
                  share={full.partial?.done ?? null}
                  what="completeness"
                  brief
                />
              ) : null,
          },
          {
            ...MEASURES.minimality,
            measured: minimality && minimalityGauge(minimality, whole),
            stale: now.minimality === null,
            note: noteOf(minimality),
            action: superfluous.length > 0 && (
              <Button
                size="small"
                className="mt-1"
                onClick={() => update({ heads: toggled(heads, superfluous) }, { push: true })}
              >
                Take {tellThese(superfluous.length)} out
              </Button>
            ),
          },
        ]}
      />
    </>
  )
}

function Findings({ circuit }: { circuit: Circuit }) {
  const { question, update } = circuit
  return (
    <section
      aria-label="Findings"
      className="flex min-h-80 min-w-0 flex-1 flex-col overflow-hidden rounded-xl border border-line bg-surface"
    >
      <Tabs
        label="Findings"
        tabs={TABS}
        selected={question.tab}
        onSelect={(tab) => update({ tab })}
      >
        <Boundary key={question.tab} name="Findings">
          <TabOf circuit={circuit} />
        </Boundary>
      </Tabs>
    </section>
  )
}

const NOTHING_CHOSEN = 'No head is in the circuit.'

function TabOf({ circuit }: { circuit: Circuit }) {
  const { question, heads, measures, search, isReady, update } = circuit
  const { minimality, completeness, curve, now, full, unit } = measures
  if (question.tab === 'search') {
    const { result, partial } = search
    return (
      <SearchPanel
        question={question}
        steps={result?.steps ?? partial?.steps ?? []}
        best={result?.heads ?? partial?.best ?? null}
        found={result !== null}
        running={search.status === 'running'}
        blocked={
          !isReady
            ? 'No model is ready yet.'
            : question.start === 'circuit' && heads.length === 0
              ? NOTHING_CHOSEN
              : null
        }
        onUpdate={update}
        onStart={() => {
          for (const { stop } of [measures.full, measures.paths]) stop()
          search.again()
        }}
        onUse={(found) => update({ heads: found, tab: 'graph', focus: null }, { push: true })}
        status={<StreamStatus view={search} share={partial?.done ?? null} what="circuits" />}
      />
    )
  }
  if (heads.length === 0) {
    return (
      <EmptyNote>
        {NOTHING_CHOSEN} Press heads of the grid, take a known circuit above, or let the machine
        look for one under Search.
      </EmptyNote>
    )
  }
  const waiting = ({ error, again }: typeof full) =>
    error ? ({ kind: 'error', error, onRetry: again } as const) : ({ kind: 'loading' } as const)
  switch (question.tab) {
    case 'graph':
      return <CircuitGraph circuit={circuit} />
    case 'heads':
      return (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
          {minimality && (
            <NeededFigure
              minimality={minimality}
              unit={unit}
              stale={now.minimality === null}
              focus={question.focus}
              onFocus={(focus) => update({ focus })}
              onTakeOut={(spare) => update({ heads: toggled(heads, spare) }, { push: true })}
            />
          )}
          <LossesFigure
            completeness={completeness}
            unit={unit}
            state={
              completeness ? { kind: 'ready', stale: now.completeness === null } : waiting(full)
            }
          />
          <AnalysisFiles
            name="Circuit"
            result={full.result}
            csv={now.minimality && (() => (now.minimality ? headsCsv(now.minimality) : ''))}
          />
        </div>
      )
    case 'curve':
      return (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
          <CurveFigure
            curve={curve}
            state={curve ? { kind: 'ready', stale: now.curve === null } : waiting(full)}
          />
          {full.status !== 'failed' && (
            <StreamStatus view={full} share={full.partial?.done ?? null} what="the curve" />
          )}
          <AnalysisFiles
            name="Faithfulness curve"
            result={full.result}
            csv={now.curve && (() => (now.curve ? curveCsv(now.curve) : ''))}
          />
        </div>
      )
    case 'items':
      return <CircuitItems circuit={circuit} />
  }
}
