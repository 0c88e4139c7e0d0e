import { useRouter } from '@tanstack/react-router'
import { encodeEvidence } from '@/lib/evidenceLink'
import { writeQuery } from '@/lib/query'
import { ShareButton } from '../ShareButton'
import { ViewBar } from '../views/ViewBar'
import { useQuestion } from './useEvidence'

/** The model, the way back, and the link. */
export function EvidenceBar() {
  const { question, models, model, update } = useQuestion()
  const { history } = useRouter()
  return (
    <ViewBar
      models={models}
      model={model}
      onChooseModel={(name) => update({ model: name, run: null, against: null }, { push: true })}
      undo={history.canGoBack() ? () => history.back() : null}
      redo={() => history.forward()}
    >
      <ShareButton path={`/evidence${writeQuery(encodeEvidence(question))}`} />
    </ViewBar>
  )
}
