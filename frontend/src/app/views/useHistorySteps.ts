import { useRouter, type RouterHistory } from '@tanstack/react-router'
import { useEffect, useState } from 'react'

type Steps = { undo: (() => void) | null; redo: (() => void) | null }

const indexOf = ({ location }: Pick<RouterHistory, 'location'>) => location.state.__TSR_index

/** The browser's own steps, of a view whose whole state is its address; null where there is none. */
export function useHistorySteps(): Steps {
  const { history } = useRouter()
  const hasAhead = useHasAhead(history)
  return {
    undo: history.canGoBack() ? () => history.back() : null,
    redo: hasAhead ? () => history.forward() : null,
  }
}

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
