/** The server as its description says it; streams go the same way. */

import createClient from 'openapi-fetch'
import { errorOf, isAbort, lostServer } from './error'
import type { paths } from './schema'

/** Where the API is: beside the page. */
const baseUrl = globalThis.location?.origin ?? ''

/** fetch that throws ApiError for every answer that is not a success; aborts pass through. */
async function request(input: RequestInfo, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init).catch((error: unknown) => {
    throw isAbort(error) ? error : lostServer()
  })
  if (!response.ok) throw await errorOf(response)
  return response
}

/** The API as its description says it: paths, parameters and answers are checked against it. */
export const server = createClient<paths>({ baseUrl, fetch: request })

/** What was answered; a failure has thrown before. */
export const answer = async <Data>(asking: Promise<{ data?: Data }>): Promise<Data> =>
  (await asking).data as Data

/** The page leaves out what has a default; the description of an answer names every field. */
export const whole = <Body>(draft: object) => draft as NonNullable<Body>

/** POSTs to a route that answers by events. */
export const openStream = (path: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
  request(baseUrl + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
    body: JSON.stringify(body),
    signal: signal ?? null,
  })
