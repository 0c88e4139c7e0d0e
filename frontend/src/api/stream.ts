import { request, jsonBody } from './client'
import { ApiError, isAbort, lostServer } from './error'
import type {
  Draft,
  ErrorResponse,
  ImportanceRequest,
  ImportanceResponse,
  InferRequest,
  InferResponse,
  Metrics,
  ProgressEvent,
  PromptEvent,
  QueuedEvent,
  TokenEvent,
} from './types'

export type ServerEvent = { event: string; data: string }

/**
 * Splits a text stream into server-sent events, as the WHATWG standard reads them: fields end at
 * CR, LF or CRLF, an empty line dispatches, lines that begin with a colon are comments.
 */
export class EventParser {
  #rest = ''
  #event = ''
  #data: string[] = []

  push(chunk: string): ServerEvent[] {
    const text = this.#rest + chunk
    // A CR at the very end may be half of a CRLF: wait for what follows.
    const lines = text.split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    return lines.flatMap((line) => this.#line(line))
  }

  #line(line: string): ServerEvent[] {
    if (line === '') {
      const done = this.#data.length
        ? [{ event: this.#event || 'message', data: this.#data.join('\n') }]
        : []
      this.#event = ''
      this.#data = []
      return done
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (field === 'event') this.#event = value ?? ''
    if (field === 'data') this.#data.push(value ?? '')
    return []
  }
}

/** POSTs and yields the events of the answer; a stream that breaks off throws. */
export async function* postEvents(
  path: string,
  body: unknown,
  signal?: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const init = jsonBody(body)
  const response = await request(path, {
    ...init,
    headers: { ...init.headers, Accept: 'text/event-stream' },
    signal: signal ?? null,
  })
  if (!response.body) throw lostServer()
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const parser = new EventParser()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw isAbort(error) ? error : lostServer()
      })
      if (done) return
      yield* parser.push(decoder.decode(value, { stream: true }))
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

export type InferHandlers = {
  queued?: (event: QueuedEvent) => void
  prompt?: (event: PromptEvent) => void
  token?: (event: TokenEvent) => void
  metrics?: (event: Metrics) => void
}

export type ImportanceHandlers = {
  queued?: (event: QueuedEvent) => void
  progress?: (event: ProgressEvent) => void
}

type Handlers = Record<string, ((event: never) => void) | undefined>

async function drain<T>(events: AsyncGenerator<ServerEvent>, handlers: Handlers): Promise<T> {
  for await (const { event, data } of events) {
    const value: unknown = JSON.parse(data)
    if (event === 'done') return value as T
    if (event === 'error') {
      const { detail, error } = value as ErrorResponse
      throw new ApiError(detail, error, 500)
    }
    handlers[event]?.(value as never)
  }
  throw lostServer()
}

export const streamInfer = (
  body: Draft<InferRequest, 'prompt'>,
  handlers: InferHandlers,
  signal?: AbortSignal,
): Promise<InferResponse> => drain(postEvents('/infer/stream', body, signal), handlers as Handlers)

export const streamImportance = (
  body: Draft<ImportanceRequest, 'prompt'>,
  handlers: ImportanceHandlers,
  signal?: AbortSignal,
): Promise<ImportanceResponse> =>
  drain(postEvents('/importance/stream', body, signal), handlers as Handlers)
