import { useEffect, useRef } from 'react'
import { encode, writeLink } from '@/lib/url'
import { Boundary } from '@/ui/Boundary'
import { Button } from '@/ui/Button'
import { lazyPart } from '@/ui/lazyPart'
import { useIsOpening } from '../OpenSaved'
import { SaveButton } from '../SaveButton'
import { ShareButton } from '../ShareButton'
import { useMeasurement } from '../useMeasurement'
import { useRunResult } from '../useRun'
import { useActions, useWorkspace } from '../WorkspaceContext'
import { ViewBar } from './ViewBar'

const ExportMenu = lazyPart(() => import('@/features/export/ExportMenu').then((m) => m.ExportMenu))

const ClassBar = lazyPart(() => import('../classroom/ClassBar').then((m) => m.ClassBar))

/** The model, the way back, and what takes the experiment along. */
export function PromptBar() {
  const classroom = useWorkspace((state) => state.experiment.classroom)
  return classroom === null ? <Bar /> : <ClassBar id={classroom} />
}

/** Where the focus comes back to when a presentation ends. */
function useReturn(presenting: boolean) {
  const button = useRef<HTMLButtonElement>(null)
  const before = useRef(presenting)
  useEffect(() => {
    if (before.current && !presenting) button.current?.focus()
    before.current = presenting
  }, [presenting])
  return button
}

function Bar() {
  const { chooseModel, present, undo, redo } = useActions()
  const models = useWorkspace((state) => state.models)
  const model = useWorkspace((state) => state.model)
  const canUndo = useWorkspace((state) => state.canUndo)
  const canRedo = useWorkspace((state) => state.canRedo)
  const presenting = useWorkspace((state) => state.presenting)
  const presentButton = useReturn(presenting)
  const opening = useIsOpening()
  return (
    <ViewBar
      models={models}
      model={model}
      onChooseModel={chooseModel}
      undo={canUndo ? undo : null}
      redo={canRedo ? redo : null}
    >
      <Button
        ref={presentButton}
        look="quiet"
        aria-label="Present"
        aria-pressed={presenting}
        title="Large type for a room: the grid, both sentences, and a word to guess"
        onClick={() => present(!presenting)}
        className="max-xl:w-9 max-xl:px-0!"
      >
        <Screen />
        <span className="max-xl:hidden">Present</span>
      </Button>
      {!opening && <Takeaways />}
    </ViewBar>
  )
}

const Screen = () => (
  <svg viewBox="0 0 16 16" aria-hidden className="size-4 fill-none stroke-current xl:hidden">
    <rect x="1.75" y="2.75" width="12.5" height="8.5" rx="1" strokeWidth="1.5" />
    <path d="M8 11.25v2M5 13.75h6" strokeWidth="1.5" strokeLinecap="round" />
  </svg>
)

function Takeaways() {
  const experiment = useWorkspace((state) => state.experiment)
  const methods = useWorkspace((state) => state.methods)
  const { result: run } = useRunResult()
  const { result } = useMeasurement()
  // With the seed that was drawn the link repeats the texts.
  const seed = experiment.seed ?? run?.seed ?? null
  return (
    <>
      <Boundary name="Export" placeholder={<></>}>
        <ExportMenu experiment={experiment} result={run} scores={result} />
      </Boundary>
      <Boundary name="Save" placeholder={<></>}>
        <SaveButton />
      </Boundary>
      <ShareButton path={`/${writeLink(encode({ ...experiment, seed }, methods))}`} />
    </>
  )
}
