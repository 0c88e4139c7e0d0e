import { ApiError, isAbort } from '@/api/error'
import { streamInfer, type InferHandlers } from '@/api/stream'
import type {
  Draft,
  GeneratedToken,
  InferRequest,
  InferResponse,
  Metrics,
  NextToken,
  Token,
  TokenMetrics,
} from '@/api/types'

export type RunBody = Draft<InferRequest, 'prompt'>

export type RunStatus = 'idle' | 'running' | 'done' | 'stopped' | 'failed'

/** One streamed run of control and ablated, as far as it has come. */
export type RunState = {
  status: RunStatus
  body: RunBody | null
  /** Jobs in front while waiting in the server's queue. */
  queued: number | null
  promptTokens: Token[]
  nextToken: NextToken | null
  perToken: TokenMetrics[]
  control: GeneratedToken[]
  ablated: GeneratedToken[]
  metrics: Metrics | null
  result: InferResponse | null
  error: unknown
}

export const IDLE: RunState = {
  status: 'idle',
  body: null,
  queued: null,
  promptTokens: [],
  nextToken: null,
  perToken: [],
  control: [],
  ablated: [],
  metrics: null,
  result: null,
  error: null,
}

/** Milliseconds. */
const frame = 16

/** The run of the page: starting one stops the one before. */
export class InferRun {
  #state = IDLE
  #abort: AbortController | null = null
  #soon: ReturnType<typeof setTimeout> | null = null
  readonly #listeners = new Set<() => void>()

  readonly get = (): RunState => this.#state

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #set(patch: Partial<RunState>) {
    this.#state = { ...this.#state, ...patch }
    if (this.#soon !== null) clearTimeout(this.#soon)
    this.#soon = null
    this.#listeners.forEach((listener) => listener())
  }

  /** Tokens may come by the hundred in one piece: the page is drawn once for those of a frame. */
  #collect(patch: Partial<RunState>) {
    this.#state = { ...this.#state, ...patch }
    this.#soon ??= setTimeout(() => this.#set({}), frame)
  }

  readonly stop = () => {
    this.#abort?.abort()
    this.#abort = null
    if (this.#state.status === 'running') this.#set({ status: 'stopped', queued: null })
  }

  readonly start = async (body: RunBody): Promise<void> => {
    this.#abort?.abort()
    const abort = new AbortController()
    this.#abort = abort
    this.#set({ ...IDLE, status: 'running', body })
    try {
      const result = await streamInfer(body, this.#handlers(abort.signal), abort.signal)
      if (!abort.signal.aborted) this.#finish(result)
    } catch (error) {
      if (abort.signal.aborted || isAbort(error)) return
      this.#set({ status: 'failed', queued: null, error })
      if (error instanceof ApiError && error.isLost) this.onLost?.()
    }
  }

  /** Called when the server went away under a run. */
  onLost: (() => void) | null = null

  #finish(result: InferResponse) {
    this.#set({
      status: 'done',
      queued: null,
      result,
      promptTokens: result.prompt_tokens,
      nextToken: result.next_token,
      perToken: result.metrics.per_token,
      control: result.control.tokens,
      ablated: result.ablated.tokens,
      metrics: result.metrics,
    })
  }

  #handlers(signal: AbortSignal): InferHandlers {
    const unlessAborted =
      <Event>(handle: (event: Event) => void) =>
      (event: Event) => {
        if (!signal.aborted) handle(event)
      }
    return {
      queued: unlessAborted(({ position }) => this.#set({ queued: position })),
      prompt: unlessAborted(({ prompt_tokens, next_token, per_token }) =>
        this.#set({
          queued: null,
          promptTokens: prompt_tokens,
          nextToken: next_token,
          perToken: per_token,
        }),
      ),
      token: unlessAborted(({ control, ablated, metrics }) =>
        this.#collect({
          control: control ? [...this.#state.control, control] : this.#state.control,
          ablated: ablated ? [...this.#state.ablated, ablated] : this.#state.ablated,
          perToken: metrics ? [...this.#state.perToken, metrics] : this.#state.perToken,
        }),
      ),
      metrics: unlessAborted((metrics) => this.#set({ metrics })),
    }
  }
}
