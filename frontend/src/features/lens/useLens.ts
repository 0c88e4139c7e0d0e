import { skipToken, useQuery } from '@tanstack/react-query'
import { logitLens, tokenize } from '@/api/client'
import { surgeryOf } from '@/api/requests'
import type { InferResponse } from '@/api/types'
import type { Experiment } from '@/lib/experiment'
import { sleep } from '@/lib/sleep'

/** The text the lens reads: the prompt and one stream's continuation. */
export type LensText = {
  readonly stream: 'control' | 'ablated'
  readonly continuation: readonly number[]
  readonly promptLength: number
  readonly length: number
}

/** Which text is read; null until the prompt's tokens are known. */
export function useLensText(experiment: Experiment, result: InferResponse | null): LensText | null {
  const { prompt, model, prependBos, token } = experiment
  const unknown = result === null && model !== null && prompt !== ''
  // The same key as the prompt's own token view: one request serves both.
  const { data } = useQuery({
    queryKey: ['tokens', { prompt, model, prependBos }],
    queryFn: unknown
      ? ({ signal }) => tokenize({ text: prompt, model, prepend_bos: prependBos }, signal)
      : skipToken,
  })
  const promptLength = result?.prompt_tokens.length ?? data?.tokens.length
  if (promptLength === undefined || promptLength === 0) return null
  const stream = token?.stream === 'ablated' ? 'ablated' : 'control'
  const continuation = result?.[stream].tokens.map(({ id }) => id) ?? []
  return { stream, continuation, promptLength, length: promptLength + continuation.length }
}

const TOP_K = 5

type Reads = { prompt: string; model?: string; prepend_bos: boolean }

const isSamePrompt = (a: Reads, b: Reads) =>
  a.prompt === b.prompt && a.model === b.model && a.prepend_bos === b.prepend_bos

/** Both runs' readouts at some positions; the answer before stays, pale, while the next comes. */
export function useLens(
  experiment: Experiment,
  text: LensText | null,
  positions: readonly number[],
) {
  const ready = text !== null && positions.length > 0 && experiment.model !== null
  const { ablations, ...surgery } = surgeryOf(experiment)
  const reads = {
    ...surgery,
    continuation: [...(text?.continuation ?? [])],
    positions: [...positions],
  }
  return useQuery({
    queryKey: ['lens', reads, ablations],
    queryFn: ready
      ? async ({ signal }) => {
          // While heads are being painted nothing is sent.
          await sleep(120, signal)
          return logitLens({ ...reads, ablations, top_k: TOP_K }, signal)
        }
      : skipToken,
    placeholderData: (before, query) =>
      query && isSamePrompt(query.queryKey[1] as Reads, reads) ? before : undefined,
  })
}
