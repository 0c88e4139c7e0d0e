/** The distribution right after the prompt, in words. */

import { number, probability, visible } from './format'

type Logprobs = { readonly control_logprob: number; readonly ablated_logprob: number }
type Candidate = Logprobs & { readonly text: string }

export type NextTokenView = {
  readonly candidates: readonly Candidate[]
  readonly kl: number
  readonly top1_changed: boolean
}

/** Index of the candidate one run puts first; −1 where there is none. */
export const likeliest = (candidates: readonly Logprobs[], run: keyof Logprobs): number =>
  candidates.reduce(
    (best, candidate, i) =>
      candidate[run] > (candidates[best]?.[run] ?? Number.NEGATIVE_INFINITY) ? i : best,
    -1,
  )

/**
 * The candidates worth a row, likeliest in either run first, so that a new winner rises to the
 * top; each run's first choice is always among them.
 */
export function topCandidates<T extends Logprobs>(candidates: readonly T[], rows: number): T[] {
  const most = (c: T) => Math.max(c.control_logprob, c.ablated_logprob)
  const byMost = (a: T, b: T) => most(b) - most(a)
  const firsts = (['control_logprob', 'ablated_logprob'] as const).flatMap(
    (run) => candidates[likeliest(candidates, run)] ?? [],
  )
  const kept = new Set([...firsts, ...[...candidates].sort(byMost)])
  return [...kept].slice(0, rows).sort(byMost)
}

/** “The first choice flips from ␣Mary (91 %) to ␣John (62 %); KL 1.4 nats.” */
export function tellNextToken({ candidates, kl, top1_changed }: NextTokenView): string {
  const control = candidates[likeliest(candidates, 'control_logprob')]
  const ablated = candidates[likeliest(candidates, 'ablated_logprob')]
  if (!control || !ablated) return ''
  const before = probability(control.control_logprob)
  if (kl < 1e-6) return `First choice: “${visible(control.text)}” (${before}).`
  if (top1_changed) {
    return (
      `The first choice flips from “${visible(control.text)}” (${before}) to ` +
      `“${visible(ablated.text)}” (${probability(ablated.ablated_logprob)}); KL ${number(kl)} nats.`
    )
  }
  const after = probability(control.ablated_logprob)
  return `The first choice stays “${visible(control.text)}”, ${before} → ${after}; KL ${number(kl)} nats.`
}

/** What a metric may compare: control's first choice, and ablated's or control's second. */
export function suggestedTokens(view: NextTokenView | null): {
  answer: string | null
  foil: string | null
} {
  const candidates = view?.candidates ?? []
  const answer = candidates[likeliest(candidates, 'control_logprob')]
  const others = candidates.filter((candidate) => candidate !== answer)
  const flipped = candidates[likeliest(candidates, 'ablated_logprob')]
  const foil = flipped === answer ? others[likeliest(others, 'control_logprob')] : flipped
  return { answer: answer?.text ?? null, foil: foil?.text ?? null }
}

/** What two runs say first, each by itself; where they agree, the foil is the clean one's second. */
export function firstChoices(clean: NextTokenView | null, corrupt: NextTokenView | null) {
  const best = (view: NextTokenView | null, besides: string | null = null) => {
    const others = (view?.candidates ?? []).filter(({ text }) => text !== besides)
    return others[likeliest(others, 'control_logprob')]?.text ?? null
  }
  const answer = best(clean)
  const other = best(corrupt)
  return { answer, foil: other !== null && other === answer ? best(clean, answer) : other }
}
