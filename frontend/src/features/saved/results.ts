/** The answers of a saved experiment: out of the page's cache, back into it, and read apart. */

import type { QueryClient, QueryKey } from '@tanstack/react-query'
import {
  attentionQuery,
  importanceStream,
  lensQuery,
  nextTokenQuery,
  runStream,
} from '@/api/queries'
import {
  attentionBodyOf,
  importanceBodyOf,
  inferBodyOf,
  nextTokenBodyOf,
  surgeryOf,
} from '@/api/requests'
import { streamKey } from '@/api/streamQuery'
import type { ImportanceResponse, InferResponse, Provenance, SavedResult } from '@/api/types'
import type { Experiment, Metric } from '@/lib/experiment'
import type { ScoreMethod, ScoreTable } from '@/lib/scores'

/** As many as the server keeps of one experiment. */
const MOST_RESULTS = 16

export const provenanceOf = (result: SavedResult): Provenance => result['provenance'] as Provenance

/** The answers that the page shows now: texts, next token, scores, and what panels are open. */
export function answersShown(client: QueryClient, experiment: Experiment): SavedResult[] {
  const shown = (kind: string) =>
    client.getQueryCache().findAll({ queryKey: [kind], type: 'active' })
  const answers = [
    client.getQueryData(streamKey(runStream(inferBodyOf(experiment)))),
    client.getQueryData(nextTokenQuery(nextTokenBodyOf(experiment)).queryKey),
    ...['/importance/stream', 'lens', 'attention'].flatMap(shown).map(({ state }) => state.data),
  ] as (SavedResult | undefined)[]
  return answers
    .filter((answer) => answer !== undefined)
    .filter((answer) => provenanceOf(answer).request['prompt'] === experiment.prompt)
    .slice(0, MOST_RESULTS)
}

/** Under which key the page asks for what this answers; null where it asks no such thing. */
function keyOf(result: SavedResult, experiment: Experiment): QueryKey | null {
  const { analysis, request } = provenanceOf(result)
  const of = <T>(name: string) => request[name] as T
  switch (analysis) {
    case 'infer':
      return of<number>('max_new_tokens') === 0
        ? nextTokenQuery(nextTokenBodyOf(experiment)).queryKey
        : streamKey(runStream(inferBodyOf(experiment)))
    case 'importance':
      return streamKey(
        importanceStream(
          importanceBodyOf(
            experiment,
            {
              method: of<ScoreMethod>('method'),
              metric: of<Metric | null>('metric'),
              answer: of<string | null>('answer'),
              foil: of<string | null>('foil'),
            },
            of<unknown[]>('ablations').length > 0,
          ),
        ),
      )
    case 'logit_lens':
      return lensQuery({
        ...surgeryOf(experiment),
        continuation: [...of<number[]>('continuation')],
        positions: [...of<number[]>('positions')],
        top_k: of<number>('top_k'),
      }).queryKey
    case 'attention':
      return attentionQuery(
        attentionBodyOf(
          experiment,
          { layer: of<number>('layer'), head: of<number>('head') },
          of<number[]>('continuation'),
        ),
      ).queryKey
    default:
      return null
  }
}

/** Answers the experiment's questions with the numbers of then; the keys that it answered. */
export function showSaved(
  client: QueryClient,
  results: readonly SavedResult[],
  experiment: Experiment,
): QueryKey[] {
  return results.flatMap((result) => {
    const key = keyOf(result, experiment)
    if (!key) return []
    client.setQueryData(key, result)
    return [key]
  })
}

const isOf = (analysis: string) => (result: SavedResult) =>
  provenanceOf(result).analysis === analysis

/** The run with both texts; without one, what was asked about the next token. */
export function runOf(results: readonly SavedResult[]): InferResponse | null {
  const runs = results.filter(isOf('infer')) as unknown as InferResponse[]
  return runs.find(({ control }) => control.tokens.length > 0) ?? runs[0] ?? null
}

/** The scores as the grid shows them. */
export function scoreTableOf(results: readonly SavedResult[]): ScoreTable | null {
  const found = results.find(isOf('importance'))
  if (!found) return null
  const { scores, unit } = found as unknown as ImportanceResponse
  const { request } = provenanceOf(found)
  return {
    method: request['method'] as ScoreMethod,
    metric: request['metric'] as Metric | null,
    unit,
    given: (request['ablations'] as unknown[]).length,
    values: scores,
  }
}
