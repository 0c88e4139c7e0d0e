import { ShareButton } from '../ShareButton'
import { ViewBar } from '../views/ViewBar'
import { patchExamplesOf } from '@/lib/patchExamples'
import { DEFAULT_PATCH } from '@/lib/patch'
import { usePatch } from './PatchContext'

/** The model, the way back, and the link. */
export function PatchBar() {
  const { patch, models, model, update, undo, redo, link } = usePatch()
  /** An example of one model gives way to one of the other. */
  function chooseModel(name: string) {
    const isExample = patchExamplesOf(patch.model).some(
      ({ patch: { prompt, corrupt } }) => prompt === patch.prompt && corrupt === patch.corrupt,
    )
    const first = isExample ? patchExamplesOf(name)[0]?.patch : undefined
    update({ ...(first && { ...DEFAULT_PATCH, ...first }), model: name }, { push: true })
  }
  return (
    <ViewBar models={models} model={model} onChooseModel={chooseModel} undo={undo} redo={redo}>
      <ShareButton path={`/patch${link}`} />
    </ViewBar>
  )
}
