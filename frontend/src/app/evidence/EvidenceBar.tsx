import { encodeEvidence } from '@/lib/evidenceLink'
import { writeQuery } from '@/lib/query'
import { ShareButton } from '../ShareButton'
import { useHistorySteps } from '../views/useHistorySteps'
import { ViewBar } from '../views/ViewBar'
import { useQuestion } from './useEvidence'

/** The model, the way back, and the link. */
export function EvidenceBar() {
  const { question, models, model, update } = useQuestion()
  const steps = useHistorySteps()
  return (
    <ViewBar
      models={models}
      model={model}
      onChooseModel={(name) => update({ model: name, run: null, against: null }, { push: true })}
      {...steps}
    >
      <ShareButton path={`/evidence${writeQuery(encodeEvidence(question))}`} />
    </ViewBar>
  )
}
