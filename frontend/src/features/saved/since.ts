/** What has changed since an experiment was saved. */

import type { InferResponse, ModelInfo, SavedResult } from '@/api/types'
import { number } from '@/lib/format'
import { provenanceOf } from './results'

type Told = { readonly changed: boolean; readonly sentence: string }

/** Whether the model that answered then is the one that is offered now. */
export function tellModel(results: readonly SavedResult[], models: readonly ModelInfo[]): Told {
  const [first] = results
  if (!first) return { changed: false, sentence: 'No answers were saved.' }
  const { model, revision } = provenanceOf(first)
  const now = models.find(({ name }) => name === model)
  if (!now) return { changed: true, sentence: `The model ${model} is not offered here any more.` }
  if (!now.revision) {
    return { changed: false, sentence: `Whether ${model} has changed is known once it is loaded.` }
  }
  return now.revision === revision
    ? { changed: false, sentence: `${model} is the same as then.` }
    : { changed: true, sentence: `${model} has changed since: other weights answer now.` }
}

/** Relative; threads and processors may sum in another order. */
const TOLERANCE = 1e-3

/** What came out when the same was asked again. */
export function tellComputed(then: InferResponse | null, now: InferResponse | null): string {
  if (!now) return 'It is computed again.'
  if (!then) return 'Computed now.'
  const [before, after] = [then.metrics.kl ?? 0, now.metrics.kl ?? 0]
  const close = Math.abs(after - before) <= TOLERANCE * Math.max(Math.abs(before), 1e-6)
  const sameTexts = then.control.text === now.control.text && then.ablated.text === now.ablated.text
  if (close && sameTexts) return 'Computed again now: the same texts and numbers came out.'
  return `Computed again now: ${sameTexts ? 'the texts are the same' : 'other texts came out'}, mean KL ${number(before)} then and ${number(after)} now.`
}
