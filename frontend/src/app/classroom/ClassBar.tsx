import { ExportMenu } from '@/features/export/ExportMenu'
import { StateDot } from '@/features/models/StateDot'
import { stateText } from '@/features/models/states'
import { Button } from '@/ui/Button'
import { Popup } from '@/ui/Popup'
import { UndoButtons } from '../UndoButtons'
import { useLoadModel } from '../useLoadModel'
import { useMeasurement } from '../useMeasurement'
import { useRunResult } from '../useRun'
import { useActions, useWorkspace } from '../WorkspaceContext'
import { HandIn } from './HandIn'

/** The model, which the class fixes, the way back, and what takes the answer to the teacher. */
export function ClassBar({ id }: { id: string }) {
  const { undo, redo, update } = useActions()
  const canUndo = useWorkspace((state) => state.canUndo)
  const canRedo = useWorkspace((state) => state.canRedo)
  const isWritten = useWorkspace((state) => state.isWritten)
  return (
    <>
      <div className="min-w-0 flex-1">
        <Model />
      </div>
      <UndoButtons undo={canUndo ? undo : null} redo={canRedo ? redo : null} />
      {isWritten && <Export />}
      <Button
        look="quiet"
        title="Keep prompt and cuts, and change what you like"
        onClick={() => update({ classroom: null }, { push: true })}
      >
        Leave
      </Button>
      {isWritten && (
        <Popup label="Hand in" look="primary">
          {() => <HandIn id={id} />}
        </Popup>
      )}
    </>
  )
}

/** Which model it is, and what can be done where it is not loaded. */
function Model() {
  const model = useWorkspace((state) => state.model)
  const load = useLoadModel()
  if (!model) return null
  const isAway = model.state === 'unloaded' || model.state === 'unavailable'
  return (
    <p className="flex min-w-0 items-center gap-1.5 px-1 text-sm text-ink-2">
      <StateDot state={model.state} />
      <span className="min-w-0 truncate max-sm:hidden">{model.title}</span>
      <span className="hidden text-ink-3 sm:inline">{stateText(model)}</span>
      {isAway && (
        <Button size="small" onClick={() => load.mutate(model.name)}>
          Load
        </Button>
      )}
    </p>
  )
}

function Export() {
  const experiment = useWorkspace((state) => state.experiment)
  const { result: run } = useRunResult()
  const { result } = useMeasurement()
  return <ExportMenu experiment={experiment} result={run} scores={result} />
}
