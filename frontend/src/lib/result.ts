/** The one line that says what the cut did. */

import { number, probability } from './format'
import { likeliest, type NextTokenView } from './nextToken'

export type Answer = { readonly text: string; readonly probability: string }

export type ResultLine = {
  readonly intact: Answer
  /** null where nothing is cut. */
  readonly cut: Answer | null
  /** "parted at L7", "KL 7.1 nats". */
  readonly facts: readonly string[]
}

/** The likeliest next token of both runs, the layer at which they part for good, and how far. */
export function resultLine(
  next: NextTokenView,
  isCut: boolean,
  partedAt: string | null,
): ResultLine | null {
  const intact = next.candidates[likeliest(next.candidates, 'control_logprob')]
  const cut = next.candidates[likeliest(next.candidates, 'ablated_logprob')]
  if (!intact || !cut) return null
  const before = { text: intact.text, probability: probability(intact.control_logprob) }
  if (!isCut) return { intact: before, cut: null, facts: [] }
  return {
    intact: before,
    cut: { text: cut.text, probability: probability(cut.ablated_logprob) },
    facts: [
      ...(next.top1_changed ? (partedAt ? [`parted at ${partedAt}`] : []) : ['same first choice']),
      `KL ${number(next.kl)} nats`,
    ],
  }
}
