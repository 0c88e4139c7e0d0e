import { useRouter, type RouterHistory } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { encodeEvidence } from '@/lib/evidenceLink'
import { writeQuery } from '@/lib/query'
import { ShareButton } from '../ShareButton'
import { ViewBar } from '../views/ViewBar'
import { useQuestion } from './useEvidence'

const indexOf = ({ location }: Pick<RouterHistory, 'location'>) => location.state.__TSR_index

/** Whether Back has left something ahead, as far as this view has seen it. */
function useHasAhead(history: RouterHistory): boolean {
  const [last, setLast] = useState(() => indexOf(history))
  useEffect(
    () =>
      history.subscribe(({ location, action }) => {
        // Who goes elsewhere drops what lay ahead.
        if (action.type === 'PUSH') setLast(indexOf({ location }))
      }),
    [history],
  )
  return indexOf(history) < last
}

/** The model, the way back, and the link. */
export function EvidenceBar() {
  const { question, models, model, update } = useQuestion()
  const { history } = useRouter()
  const hasAhead = useHasAhead(history)
  return (
    <ViewBar
      models={models}
      model={model}
      onChooseModel={(name) => update({ model: name, run: null, against: null }, { push: true })}
      undo={history.canGoBack() ? () => history.back() : null}
      redo={hasAhead ? () => history.forward() : null}
    >
      <ShareButton path={`/evidence${writeQuery(encodeEvidence(question))}`} />
    </ViewBar>
  )
}
