import type { ReactNode } from 'react'
import { PictureNote } from '@/charts/pictureNote'
import { StandInNotice } from '@/features/models/StandInNotice'
import { PromptPanel } from '@/features/prompt/PromptPanel'
import { tellExperiment } from '@/lib/tellExperiment'
import { Boundary } from '@/ui/Boundary'
import { ErrorNote } from '@/ui/ErrorNote'
import { lazyPart } from '@/ui/lazyPart'
import { Heads } from '../Heads'
import { OpenSaved } from '../OpenSaved'
import { useLoadModel } from '../useLoadModel'
import { useReading } from '../useReading'
import { useFirstRun, useFollowingRun, useRunResult } from '../useRun'
import { useShortcuts } from '../useShortcuts'
import { useActions, useWorkspace } from '../WorkspaceContext'
import { useLayout } from '../workspace/useLayout'
import { Workspace } from '../workspace/Workspace'

const Guide = lazyPart(() => import('../Guide').then((m) => m.Guide))

const Presentation = lazyPart(() =>
  import('../presentation/Presentation').then((m) => m.Presentation),
)

const OpenClass = lazyPart(() => import('../classroom/OpenClass').then((m) => m.OpenClass))

/** What is asked above, the heads on the left, what changed on the right. */
export function PromptView() {
  const classroom = useWorkspace((state) => state.experiment.classroom)
  if (classroom !== null) {
    return (
      <Boundary key={classroom} name="The class">
        <OpenClass id={classroom} />
      </Boundary>
    )
  }
  return (
    <OpenSaved>
      <PromptPage />
    </OpenSaved>
  )
}

/** `given` stands where else the reader writes the prompt and chooses the model. */
export function PromptPage({ given }: { given?: ReactNode }) {
  const { layout, arrange } = useLayout()
  const touring = useWorkspace((state) => state.touring && state.models !== undefined)
  const presenting = useWorkspace((state) => state.presenting)
  const { endTour } = useActions()
  return (
    <>
      <Behaviour />
      {!given && <ModelNotices />}
      <Noted>
        {presenting ? (
          <Boundary name="Presentation">
            <Presentation />
          </Boundary>
        ) : (
          <Workspace
            layout={layout}
            arrange={arrange}
            prompt={
              <div data-tour="prompt" className="shrink-0 rounded-xl">
                <Boundary name="Prompt">
                  {given ?? (
                    <Prompt folded={layout.folded} onFold={(folded) => arrange({ folded })} />
                  )}
                </Boundary>
              </div>
            }
            heads={<Heads />}
          />
        )}
      </Noted>
      {touring && (
        <Boundary name="The tour" placeholder={<></>}>
          <Guide onEnd={endTour} />
        </Boundary>
      )}
    </>
  )
}

/** Tells pictures what they are of; by itself, so that a cut draws nothing anew but what it changes. */
function Noted({ children }: { children: ReactNode }) {
  const note = tellExperiment(useWorkspace((state) => state.asked))
  return <PictureNote value={note}>{children}</PictureNote>
}

/** What happens by itself or by a key, and shows nothing. */
function Behaviour() {
  const { run, stop, undo, redo } = useActions()
  const canUndo = useWorkspace((state) => state.canUndo)
  const canRedo = useWorkspace((state) => state.canRedo)
  const { blocked, known } = useReading()
  useFirstRun(known ? blocked : 'The prompt is being read.')
  useFollowingRun(blocked)
  useShortcuts({
    run: () => blocked === null && run(),
    stop,
    undo: canUndo ? undo : null,
    redo: canRedo ? redo : null,
  })
  return null
}

function ModelNotices() {
  const { chooseModel } = useActions()
  const models = useWorkspace((state) => state.models)
  const model = useWorkspace((state) => state.model)
  const load = useLoadModel()
  return (
    <div className="grid gap-2 empty:hidden">
      {load.error && <ErrorNote error={load.error} />}
      {models && (
        <StandInNotice
          models={models}
          current={model}
          onChoose={chooseModel}
          onLoad={load.mutate}
        />
      )}
    </div>
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
