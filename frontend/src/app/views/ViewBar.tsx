import type { ComponentProps, ReactNode } from 'react'
import { ModelPicker } from '@/features/models/ModelPicker'
import { UndoButtons } from '../UndoButtons'
import { useLoadModel } from '../useLoadModel'

type Picker = ComponentProps<typeof ModelPicker>
type Props = ComponentProps<typeof UndoButtons> & {
  models: Picker['models'] | undefined
  model: Picker['current']
  onChooseModel: (name: string) => void
  children: ReactNode
}

/** What stands above every view: the model, the way back, and what takes the work along. */
export function ViewBar({ models, model, onChooseModel, undo, redo, children }: Props) {
  const load = useLoadModel()
  return (
    <>
      <div className="min-w-0 flex-1 max-sm:basis-24">
        {models && (
          <ModelPicker
            models={models}
            current={model}
            onChoose={onChooseModel}
            onLoad={load.mutate}
          />
        )}
      </div>
      <UndoButtons undo={undo} redo={redo} />
      {children}
    </>
  )
}
