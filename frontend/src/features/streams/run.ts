import { NOTHING_SO_FAR, type RunSoFar } from '@/api/queries'
import type { RunBody } from '@/api/requests'
import type { StreamView } from '@/api/streamQuery'
import type { InferResponse } from '@/api/types'
import type { TokenRef } from '@/lib/experiment'
import type { Texts } from '@/lib/texts'

/** One streamed run of control and ablated, as far as it has come. */
export type RunState = RunSoFar & {
  readonly status: StreamView<unknown, unknown>['status']
  readonly body: RunBody | null
  /** Runs in front while waiting in the server's queue. */
  readonly queued: number | null
  readonly result: InferResponse | null
  readonly error: unknown
}

export const IDLE: RunState = {
  ...NOTHING_SO_FAR,
  status: 'idle',
  body: null,
  queued: null,
  result: null,
  error: null,
}

const ended = (result: InferResponse): RunSoFar => ({
  promptTokens: result.prompt_tokens,
  nextToken: result.next_token,
  perToken: result.metrics.per_token,
  control: result.control.tokens,
  ablated: result.ablated.tokens,
  metrics: result.metrics,
})

export function runStateOf(
  body: RunBody | null,
  { partial, result, ...view }: StreamView<InferResponse, RunSoFar>,
): RunState {
  const known = result ? ended(result) : (partial ?? NOTHING_SO_FAR)
  return { ...view, ...known, body, result }
}

/**
 * What of a run can be looked into: all that an ended one wrote; of one that still writes, as much
 * as leads to the chosen token, so that each new token does not ask everything anew.
 */
export function textsOf(run: RunState, token: TokenRef | null): Texts | null {
  const { status, promptTokens, control, ablated } = run
  if (promptTokens.length === 0) return null
  const upTo = (stream: 'control' | 'ablated') =>
    status !== 'running' ? undefined : token?.stream === stream ? token.index + 1 : 0
  return {
    prompt_tokens: promptTokens,
    control: { tokens: control.slice(0, upTo('control')) },
    ablated: { tokens: ablated.slice(0, upTo('ablated')) },
  }
}
