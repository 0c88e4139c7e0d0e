import { ModelPicker } from '@/features/models/ModelPicker'
import { ShareButton } from '../ShareButton'
import { UndoButtons } from '../UndoButtons'
import { useLoadModel } from '../useLoadModel'
import { patchExamplesOf } from '@/lib/patchExamples'
import { DEFAULT_PATCH } from '@/lib/patch'
import { usePatch } from './PatchContext'

/** The model, the way back, and the link. */
export function PatchBar() {
  const { patch, models, model, update, undo, redo, link } = usePatch()
  const load = useLoadModel()
  /** An example of one model gives way to one of the other. */
  function chooseModel(name: string) {
    const isExample = patchExamplesOf(patch.model).some(
      ({ patch: { prompt, corrupt } }) => prompt === patch.prompt && corrupt === patch.corrupt,
    )
    const first = isExample ? patchExamplesOf(name)[0]?.patch : undefined
    update({ ...(first && { ...DEFAULT_PATCH, ...first }), model: name }, { push: true })
  }
  return (
    <>
      <div className="min-w-0 flex-1">
        {models && (
          <ModelPicker
            models={models}
            current={model}
            onChoose={chooseModel}
            onLoad={load.mutate}
          />
        )}
      </div>
      <UndoButtons undo={undo} redo={redo} />
      <ShareButton path={`/patch${link}`} />
    </>
  )
}
