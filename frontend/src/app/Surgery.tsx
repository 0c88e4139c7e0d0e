import { useRef } from 'react'
import { PictureNote } from '@/charts/pictureNote'
import { HelpPanel } from '@/features/help/HelpPanel'
import { ModelPicker } from '@/features/models/ModelPicker'
import { StandInNotice } from '@/features/models/StandInNotice'
import { PromptPanel } from '@/features/prompt/PromptPanel'
import { tellExperiment } from '@/lib/tellExperiment'
import { Boundary } from '@/ui/Boundary'
import { ErrorNote } from '@/ui/ErrorNote'
import { lazyPart } from '@/ui/lazyPart'
import { Guide } from './Guide'
import { Header } from './Header'
import { Heads } from './Heads'
import { Notices } from './Notices'
import { ShareButton } from './ShareButton'
import { ThemeButton } from './ThemeButton'
import { UndoButtons } from './UndoButtons'
import { useLoadModel } from './useLoadModel'
import { useMeasurement } from './useMeasurement'
import { useReading } from './useReading'
import { useFirstRun, useRunResult } from './useRun'
import { useModels, useServerAlive } from './useServer'
import { useShortcuts } from './useShortcuts'
import { useTour } from './useTour'
import { useActions, useWorkspace } from './WorkspaceContext'
import { useLayout } from './workspace/useLayout'
import { Workspace } from './workspace/Workspace'

const ExportMenu = lazyPart(() => import('@/features/export/ExportMenu').then((m) => m.ExportMenu))

/** The page: what is asked above, the heads on the left, what changed on the right. */
export function Surgery() {
  const tour = useTour()
  const { layout, arrange } = useLayout()
  const hasModels = useWorkspace((state) => state.models !== undefined)
  const note = tellExperiment(useWorkspace((state) => state.asked))
  const main = useRef<HTMLElement>(null)
  return (
    <div className="mx-auto flex max-w-[160rem] flex-col px-2 sm:px-4 lg:h-dvh lg:min-h-[44rem] lg:pb-3">
      <Behaviour />
      <button
        type="button"
        // The grid is one tab stop: this leads to its cell, not to what stands before it.
        onClick={() =>
          main.current?.querySelector<HTMLElement>('[role=grid] [tabindex="0"]')?.focus()
        }
        className="sr-only rounded bg-surface px-3 py-2 focus:not-sr-only focus:absolute focus:z-50"
      >
        Skip to the grid of heads
      </button>
      <TopBar onTour={tour.start} />
      <main ref={main} className="flex min-h-0 flex-1 flex-col gap-2.5">
        <PageNotices />
        <PictureNote value={note}>
          <Workspace
            layout={layout}
            arrange={arrange}
            prompt={
              <div data-tour="prompt" className="shrink-0 rounded-xl">
                <Boundary name="Prompt">
                  <Prompt folded={layout.folded} onFold={(folded) => arrange({ folded })} />
                </Boundary>
              </div>
            }
            heads={<Heads />}
          />
        </PictureNote>
      </main>
      {tour.open && hasModels && <Guide onEnd={tour.end} />}
    </div>
  )
}

/** What happens by itself or by a key, and shows nothing. */
function Behaviour() {
  const { run, stop, undo, redo } = useActions()
  const canUndo = useWorkspace((state) => state.canUndo)
  const canRedo = useWorkspace((state) => state.canRedo)
  const { blocked, known } = useReading()
  useFirstRun(known ? blocked : 'The prompt is being read.')
  useShortcuts({
    run: () => blocked === null && run(),
    stop,
    undo: canUndo ? undo : null,
    redo: canRedo ? redo : null,
  })
  return null
}

function TopBar({ onTour }: { onTour: () => void }) {
  const { chooseModel } = useActions()
  const models = useWorkspace((state) => state.models)
  const model = useWorkspace((state) => state.model)
  const load = useLoadModel()
  return (
    <Header
      picker={
        models && (
          <ModelPicker
            models={models}
            current={model}
            onChoose={chooseModel}
            onLoad={load.mutate}
          />
        )
      }
      aside={
        <>
          <HelpPanel onTour={onTour} />
          <ThemeButton />
        </>
      }
      actions={<Takeaways />}
    />
  )
}

/** The way back, and what takes the experiment along. */
function Takeaways() {
  const { undo, redo } = useActions()
  const experiment = useWorkspace((state) => state.experiment)
  const methods = useWorkspace((state) => state.methods)
  const canUndo = useWorkspace((state) => state.canUndo)
  const canRedo = useWorkspace((state) => state.canRedo)
  const { result: run } = useRunResult()
  const { result } = useMeasurement()
  return (
    <>
      <UndoButtons undo={canUndo ? undo : null} redo={canRedo ? redo : null} />
      <Boundary name="Export" placeholder={<></>}>
        <ExportMenu experiment={experiment} result={run} scores={result} />
      </Boundary>
      <ShareButton experiment={experiment} methods={methods} drawnSeed={run?.seed ?? null} />
    </>
  )
}

function PageNotices() {
  const { chooseModel } = useActions()
  const model = useWorkspace((state) => state.model)
  const alive = useServerAlive()
  const models = useModels()
  const load = useLoadModel()
  return (
    <Notices alive={alive} error={models.error} onRetry={() => void models.refetch()}>
      {load.error && <ErrorNote error={load.error} />}
      {models.data && (
        <StandInNotice
          models={models.data}
          current={model}
          onChoose={chooseModel}
          onLoad={load.mutate}
        />
      )}
    </Notices>
  )
}

type PromptProps = { folded: boolean; onFold: (folded: boolean) => void }

function Prompt({ folded, onFold }: PromptProps) {
  const actions = useActions()
  const experiment = useWorkspace((state) => state.experiment)
  const model = useWorkspace((state) => state.model)
  const limits = useWorkspace((state) => state.models?.limits ?? null)
  const { tokens, error, blocked } = useReading()
  const { running } = useRunResult()
  return (
    <PromptPanel
      folded={folded}
      onFold={onFold}
      experiment={experiment}
      model={model}
      limits={limits}
      tokens={tokens}
      error={error}
      running={running}
      blocked={blocked}
      onUpdate={actions.update}
      onExample={actions.chooseExample}
      onCut={actions.setCuts}
      onRun={actions.run}
      onStop={actions.stop}
    />
  )
}
