import { Tour } from '@/features/tour/Tour'
import type { Target } from '@/features/tour/steps'
import { cutsOf, exampleOf } from '@/features/prompt/example'
import { headName } from '@/lib/heads'
import { useActions, useWorkspace } from './WorkspaceContext'

type Props = { onEnd: () => void }

/** The tour over this page: it cuts what the example suggests, unless something is cut already. */
export function Guide({ onEnd }: Props) {
  const experiment = useWorkspace((state) => state.experiment)
  const model = useWorkspace((state) => state.model)
  const { setCuts, update, reveal } = useActions()
  const example = exampleOf(model?.examples ?? [], experiment)
  const suggested = example ? cutsOf(example) : []
  const cuts = suggested.length > 0 ? suggested : [{ layer: 0, head: 1, method: 'zero' }]
  const show = (target: Target) => {
    const isPanel = target === 'changes' || target === 'lens'
    if (isPanel) update({ tab: target })
    reveal(isPanel)
  }
  return (
    <Tour
      offer={experiment.cuts.length === 0 ? cuts.map(headName).join(', ') : null}
      onCut={() => setCuts(cuts)}
      onShow={show}
      onEnd={onEnd}
    />
  )
}
