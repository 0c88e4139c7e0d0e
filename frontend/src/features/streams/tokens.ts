import type { GeneratedToken, TokenLogprob, TokenMetrics } from '@/api/types'
import type { Stream, TokenRef } from '@/lib/experiment'
import { number, probability, visibleAt } from '@/lib/format'
import type { RunState } from './run'

/** A token as the page shows it: with what both runs thought of it, as far as that is known. */
export type ShownToken = TokenRef & {
  text: string
  control: number | null
  ablated: number | null
  kl: number | null
  top1Changed: boolean
  alternatives: readonly TokenLogprob[]
}

const NONE: readonly TokenLogprob[] = []

const shown = (
  stream: Stream,
  index: number,
  text: string,
  metrics: TokenMetrics | undefined,
  token?: GeneratedToken,
): ShownToken => ({
  stream,
  index,
  text,
  control: metrics?.control_logprob ?? (stream === 'control' ? (token?.logprob ?? null) : null),
  ablated: metrics?.ablated_logprob ?? (stream === 'ablated' ? (token?.logprob ?? null) : null),
  kl: metrics?.kl ?? null,
  top1Changed: metrics?.top1_changed ?? false,
  alternatives: token?.alternatives ?? NONE,
})

/** Metrics by the position of the predicted token in prompt + control continuation. */
export const metricsByPosition = (perToken: readonly TokenMetrics[]) =>
  new Map(perToken.map((metrics) => [metrics.position, metrics]))

type Known = Pick<RunState, 'promptTokens' | 'perToken'>

export function promptTokens({ promptTokens, perToken }: Known): ShownToken[] {
  const metrics = metricsByPosition(perToken)
  return promptTokens.map(({ text }, index) => shown('prompt', index, text, metrics.get(index)))
}

/** The metrics of step i belong to the control token; to the ablated one only while they agree. */
export function streamToken(
  stream: 'control' | 'ablated',
  index: number,
  token: GeneratedToken,
  same: boolean,
  metrics: TokenMetrics | undefined,
): ShownToken {
  return shown(stream, index, token.text, stream === 'control' || same ? metrics : undefined, token)
}

const names: Record<Stream, string> = {
  prompt: 'Prompt token',
  control: 'Control token',
  ablated: 'Ablated token',
}

/** What a screen reader says of a token. */
export function tokenName(token: ShownToken, first: boolean): string {
  return [
    `${names[token.stream]} ${token.index}`,
    visibleAt(token.text, token.stream === 'prompt' ? token.index : -1),
    first && 'first difference',
    token.kl !== null && `KL ${number(token.kl)}`,
    token.stream === 'ablated'
      ? token.ablated !== null && probability(token.ablated)
      : token.control !== null && probability(token.control),
  ]
    .filter(Boolean)
    .join(', ')
}

/** Nothing that is shown of the token differs. */
export const isSameToken = (a: ShownToken, b: ShownToken): boolean =>
  a.stream === b.stream &&
  a.index === b.index &&
  a.text === b.text &&
  a.kl === b.kl &&
  a.control === b.control &&
  a.ablated === b.ablated &&
  a.top1Changed === b.top1Changed
