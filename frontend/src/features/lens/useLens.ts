import { skipToken, useIsFetching, useQuery } from '@tanstack/react-query'
import { lensQuery, NEXT_TOKEN, tokensQuery } from '@/api/queries'
import { readingOf, surgeryOf } from '@/api/requests'
import type { Experiment } from '@/lib/experiment'
import type { Texts } from '@/lib/texts'
import { useSettled } from '@/ui/useSettled'

/** The text the lens reads: the prompt and one stream's continuation. */
export type LensText = {
  readonly stream: 'control' | 'ablated'
  readonly continuation: readonly number[]
  readonly promptLength: number
  readonly length: number
}

/** Which text is read; null until the prompt's tokens are known. */
export function useLensText(experiment: Experiment, texts: Texts | null): LensText | null {
  const { prompt: text, ...reading } = readingOf(experiment)
  // The same question as the prompt's own token view: one request serves both.
  const options = tokensQuery({ text, ...reading })
  const unknown = texts === null && experiment.model !== null && text !== ''
  const { data, isPlaceholderData } = useQuery({
    ...options,
    queryFn: unknown ? (options.queryFn ?? skipToken) : skipToken,
  })
  const promptLength =
    texts?.prompt_tokens.length ?? (isPlaceholderData ? undefined : data?.tokens.length)
  if (promptLength === undefined || promptLength === 0) return null
  if (promptLength > (data?.n_ctx ?? promptLength)) return null
  const stream = experiment.token?.stream === 'ablated' ? 'ablated' : 'control'
  const continuation = texts?.[stream].tokens.map(({ id }) => id) ?? []
  return { stream, continuation, promptLength, length: promptLength + continuation.length }
}

const TOP_K = 5

type Reads = { prompt: string; model?: string; prepend_bos: boolean }

const isSamePrompt = (a: Reads, b: Reads) =>
  a.prompt === b.prompt && a.model === b.model && a.prepend_bos === b.prepend_bos

/** Milliseconds in which a next token that has come is drawn. */
const DRAWN = 32

/**
 * Both runs' readouts at some positions; the answer before stays, pale, while the next comes. They
 * are asked once the next token is drawn, which follows every click and else would wait for them.
 */
export function useLens(
  experiment: Experiment,
  text: LensText | null,
  positions: readonly number[],
) {
  const isKnown = useIsFetching({ queryKey: NEXT_TOKEN }) === 0
  const isNext = useSettled(isKnown, DRAWN) && isKnown
  const ready = isNext && text !== null && positions.length > 0 && experiment.model !== null
  const body = {
    ...surgeryOf(experiment),
    continuation: [...(text?.continuation ?? [])],
    positions: [...positions],
    top_k: TOP_K,
  }
  const options = lensQuery(body)
  return useQuery({
    ...options,
    queryFn: ready ? (options.queryFn ?? skipToken) : skipToken,
    placeholderData: (before, query) =>
      query && isSamePrompt(query.queryKey[1] as Reads, body) ? before : undefined,
  })
}
