import { useMemo } from 'react'
import { pathsStream } from '@/api/queries'
import { pathsBodyOf, type PairQuestion } from '@/api/requests'
import { allHeads } from '@/lib/cuts'
import type { GridShape } from '@/lib/heads'
import { INPUTS, type Patch } from '@/lib/patch'
import type { Paths } from '@/lib/paths'
import { useAnalysisStream } from './useAnalysisStream'

/** What feeds the head looked at, or what it feeds, as far as it is known. */
export function usePaths(question: PairQuestion | null, patch: Patch, shape: GridShape) {
  const { focus, flow, tab } = patch
  // Nothing comes before layer 0 but the embedding.
  const head = focus && !(flow === 'into' && focus.layer === 0) ? focus : null
  const body = useMemo(
    () => (question && head ? pathsBodyOf(question, head, flow) : null),
    [question, head, flow],
  )
  const view = useAnalysisStream(body && pathsStream(body), tab === 'paths')
  const { result, partial } = view
  const paths = useMemo((): Paths | null => {
    if (result) return result
    // Where all that a head feeds is asked for, rows are told by the answer alone.
    if (!partial || !head || flow === 'from') return null
    const receivers = INPUTS.map((input) => ({ ...head, input }))
    return { ...partial, senders: allHeads(shape), receivers }
  }, [result, partial, head, flow, shape])
  return { ...view, body, paths }
}
