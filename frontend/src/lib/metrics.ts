/** What the numbers of a run say, in one sentence. */

import { count, number, percent } from './format'

export type PredictedToken = {
  readonly kl: number
  readonly control_logprob: number
  readonly ablated_logprob: number
  readonly top1_changed: boolean
}

export type Summary = {
  readonly predictions: number
  readonly changed: number
  /** Means over the predictions; null where there is none. */
  readonly kl: number | null
  readonly perplexityControl: number | null
  readonly perplexityAblated: number | null
}

const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

const perplexity = (logprobs: readonly number[]) => {
  const average = mean(logprobs)
  return average === null ? null : Math.exp(-average)
}

/** The engine's means, computed from the tokens that have arrived so far. */
export const summarize = (perToken: readonly PredictedToken[]): Summary => ({
  predictions: perToken.length,
  changed: perToken.filter(({ top1_changed }) => top1_changed).length,
  kl: mean(perToken.map(({ kl }) => kl)),
  perplexityControl: perplexity(perToken.map(({ control_logprob }) => control_logprob)),
  perplexityAblated: perplexity(perToken.map(({ ablated_logprob }) => ablated_logprob)),
})

/** How the ablated run's perplexity compares: “3.1× as perplexed”, “18 % less perplexed”. */
export function perplexedness(control: number, ablated: number): string {
  const ratio = ablated / control
  if (!Number.isFinite(ratio)) return 'perplexed beyond measure'
  if (ratio >= 1000) return 'more than 1000× as perplexed'
  if (ratio >= 1.995) return `${number(ratio)}× as perplexed`
  if (ratio >= 1.005) return `${percent(ratio - 1)} more perplexed`
  if (ratio > 0.995) return 'as perplexed as before'
  return `${percent(1 - ratio)} less perplexed`
}

/** One sentence that says what the surgery did to the predictions. */
export function tellMetrics(summary: Summary): string {
  const { predictions, changed, kl, perplexityControl, perplexityAblated } = summary
  if (kl === null || perplexityControl === null || perplexityAblated === null) {
    return 'Nothing is predicted yet: the text needs at least two tokens.'
  }
  if (kl < 1e-6 && changed === 0) {
    return `Nothing changed: both runs make the same ${count(predictions, 'prediction')}.`
  }
  const perplexed = perplexedness(perplexityControl, perplexityAblated)
  const which =
    changed === 0
      ? `None of ${count(predictions, 'prediction')} changed its first choice`
      : changed === predictions
        ? `All ${count(predictions, 'prediction')} changed`
        : `${changed} of ${count(predictions, 'prediction')} changed`
  return `${which}; the model is ${perplexed}.`
}

const LOWEST = -6

/** Place of a probability on a logarithmic axis from 10⁻⁶ to 1, as 0 to 1. */
export const logPlace = (probability: number): number =>
  probability <= 10 ** LOWEST ? 0 : 1 - Math.log10(probability) / LOWEST

/** The probability at a place of that axis. */
export const fromLogPlace = (place: number): number => 10 ** (LOWEST * (1 - place))
