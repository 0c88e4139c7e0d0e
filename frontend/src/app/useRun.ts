import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { runStream } from '@/api/queries'
import { inferBodyOf, type RunBody } from '@/api/requests'
import { isKnown, useStream, useStreamResult } from '@/api/streamQuery'
import type { InferResponse } from '@/api/types'
import { IDLE, runStateOf, textsOf } from '@/features/streams/run'
import type { Experiment } from '@/lib/experiment'
import { useIsAlive } from './useServer'
import { useActions, useWorkspace } from './WorkspaceContext'

const isSameText = (body: RunBody | null, { prompt, model, prependBos }: Experiment) =>
  body?.prompt === prompt && body.model === (model ?? undefined) && body.prepend_bos === prependBos

const isSame = (a: RunBody | null, b: RunBody) => JSON.stringify(a) === JSON.stringify(b)

/** Which run is shown: that of the experiment where it is known, else the one started last. */
function useShownBody() {
  const client = useQueryClient()
  const experiment = useWorkspace((state) => state.experiment)
  const started = useWorkspace((state) => state.started)
  const body = useMemo(() => inferBodyOf(experiment), [experiment])
  const isCurrent = isSame(started, body) || isKnown(client, runStream(body))
  return { shown: isCurrent ? body : started, outdated: !isCurrent && started !== null }
}

/** Both texts as far as they are written. */
export function useRun() {
  const { shown, outdated } = useShownBody()
  const stream = useStream(shown && runStream(shown), { enabled: false })
  const state = useMemo(
    () => (shown ? runStateOf(shown, stream) : IDLE),
    // The view is made anew each time; its parts are not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [shown, stream.status, stream.queued, stream.partial, stream.result, stream.error],
  )
  return { state, outdated }
}

/** Whether a run is going on, and what the shown one gave; renders at its ends, not at each token. */
export function useRunResult(): { running: boolean; result: InferResponse | null } {
  const { shown, outdated } = useShownBody()
  const { running, result } = useStreamResult(shown && runStream(shown))
  return { running, result: outdated ? null : result }
}

/** The texts that the lens and the patterns read on: of this prompt, if with another cut. */
export function useTexts() {
  const { state } = useRun()
  const asked = useWorkspace((s) => s.asked)
  const texts = isSameText(state.body, asked) ? textsOf(state, asked.token) : null
  // Equal texts are one value, so that a running text asks nothing anew.
  const key = JSON.stringify(texts)
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => texts, [key])
}

/** An opened page or link runs by itself, once. */
export function useFirstRun(blocked: string | null): void {
  const { runUnlessWritten } = useActions()
  const started = useWorkspace((state) => state.started)
  const shouldRun = started === null && blocked === null
  useEffect(() => {
    if (shouldRun) runUnlessWritten()
  }, [shouldRun, runUnlessWritten])
}

/** Up to so many new tokens a cut writes both texts anew by itself; longer ones wait for the button. */
const shortest = 32

/** Milliseconds without another cut after which both texts are written. */
const restingPause = 350

/** A cut is followed by both texts; the next cut ends what is still being written at once. */
export function useFollowingRun(blocked: string | null): void {
  const { run, stop } = useActions()
  const isAlive = useIsAlive()
  const { shown, outdated } = useShownBody()
  const experiment = useWorkspace((state) => state.experiment)
  const wanted =
    outdated &&
    blocked === null &&
    experiment.maxNewTokens <= shortest &&
    shown !== null &&
    // What was typed is asked for by the button, as what takes long.
    isSame({ ...shown, ablations: [] }, { ...inferBodyOf(experiment), ablations: [] })
  const cuts = wanted ? experiment.cuts : null
  useEffect(() => {
    if (cuts === null) return
    stop()
    // Without a server it would only fail: it waits for its return.
    if (!isAlive) return
    const timer = setTimeout(run, restingPause)
    return () => clearTimeout(timer)
  }, [cuts, isAlive, run, stop])
}
