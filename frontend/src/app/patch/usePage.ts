import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { attributionQuery, interactionsStream, repairStream } from '@/api/queries'
import { contrastBodyOf, interactionsBodyOf, type PairQuestion } from '@/api/requests'
import { isOfHeads } from '@/lib/patch'
import type { Interactions } from '@/lib/interactions'
import { isCheap } from '@/lib/patching'
import { usePatch } from './PatchContext'
import { usePair } from './usePair'
import { useAnalysisStream } from './useAnalysisStream'
import { usePatching } from './usePatching'
import { usePaths } from './usePaths'

/** All pairs take a while: they are measured when they are wanted of these prompts. */
function useInteractions(question: PairQuestion | null, isShown: boolean) {
  const [wanted, setWanted] = useState<string | null>(null)
  const body = useMemo(() => question && interactionsBodyOf(question), [question])
  const asked = body && JSON.stringify(body)
  const view = useAnalysisStream(
    body && interactionsStream(body),
    isShown && asked !== null && wanted === asked,
  )
  return {
    ...view,
    body,
    known: (view.result ?? view.partial) as Interactions | null,
    /** Begins to measure; null while the question is not known. */
    want: asked === null ? null : () => setWanted(asked),
  }
}

/** Everything that the Patch view shows: what is asked, and each analysis as far as it is known. */
export function usePage() {
  const state = usePatch()
  const { patch, model } = state
  const pair = usePair(patch, model)
  const { question } = pair
  const { tab, component, focus } = patch
  const ofHeads = isOfHeads(component)
  const isPatching = tab === 'patching' || tab === 'code'
  const whole = usePatching(question, patch, { eachPosition: false, enabled: isPatching })
  const byPosition = usePatching(question, patch, {
    eachPosition: true,
    head: ofHeads ? focus : null,
    enabled: isPatching && whole.status === 'done' && (!ofHeads || focus !== null),
  })
  const isAhead = isPatching && ofHeads && whole.result !== null && isCheap(whole.result, model)
  const contrast = useMemo(() => question && contrastBodyOf(question), [question])
  const attribution = useQuery(attributionQuery(tab === 'attribution' ? contrast : null))
  const paths = usePaths(question, patch, state.shape)
  const repair = useAnalysisStream(contrast && repairStream(contrast), tab === 'repair')
  const interactions = useInteractions(question, tab === 'interactions')
  return {
    paths,
    repair,
    interactions,
    ...state,
    pair,
    question,
    ofHeads,
    whole,
    byPosition,
    /** Patches, of which nothing is known yet. */
    isOnItsWay:
      isPatching && (pair.isReading || (whole.status === 'running' && whole.patched === null)),
    /** What other components are asked about too, now that nobody waits for this one. */
    ahead: isAhead ? question : null,
    contrast,
    attribution,
  }
}

export type Page = ReturnType<typeof usePage>
