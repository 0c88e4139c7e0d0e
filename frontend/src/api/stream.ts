import { ApiError, isAbort, lostServer } from './error'
import { openStream } from './server'
import type { ErrorResponse } from './types'

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
  const response = await openStream(path, body, signal)
  if (!response.body) throw lostServer()
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  const parser = new EventParser()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw isAbort(error) ? error : brokenStream()
      })
      if (done) return
      yield* parser.push(decoder.decode(value, { stream: true }))
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Tells apart a server that is gone and a stream that broke under a server that lives. */
export const brokenStream = () =>
  new ApiError('The answer broke off before its end. Run it again.', 'StreamBroken', 0)

export type Event = { readonly name: string; readonly value: unknown }

/**
 * POSTs, hands over each event as it comes and returns what `done` carries.
 *
 * Throws ApiError for the event `error`, and for a stream that ends without either.
 */
export async function postStream<Result>(
  path: string,
  body: unknown,
  onEvent: (event: Event) => void,
  signal?: AbortSignal,
): Promise<Result> {
  for await (const { event: name, data } of postEvents(path, body, signal)) {
    const value: unknown = JSON.parse(data)
    if (name === 'done') return value as Result
    if (name === 'error') {
      const { detail, error } = value as ErrorResponse
      throw new ApiError(detail, error, 500)
    }
    onEvent({ name, value })
  }
  throw brokenStream()
}
