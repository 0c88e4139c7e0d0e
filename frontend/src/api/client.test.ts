// @vitest-environment jsdom
import { afterEach, expect, test, vi } from 'vitest'
import { deleteSaved, getModels, getTask, isServerAlive, saveExperiment } from './client'
import { ApiError } from './error'
import { stubServer } from './stubServer'

afterEach(() => vi.unstubAllGlobals())

/** Sees the request itself, whatever it is answered. */
function watch() {
  const requests: Request[] = []
  vi.stubGlobal('fetch', (request: Request) => {
    requests.push(request)
    return Promise.resolve(Response.json({}))
  })
  return () => requests[0]!
}

test('names go into a path as one part of it, and keys into the header', async () => {
  const request = watch()
  await deleteSaved('a/b', 'secret')
  expect(request().method).toBe('DELETE')
  expect(new URL(request().url).pathname).toBe('/experiments/a%2Fb')
  expect(request().headers.get('X-Experiment-Key')).toBe('secret')
})

test('what a task is asked stands in its query', async () => {
  const request = watch()
  await getTask({ task: 'ioi', n: 4, seed: 1, model: 'm', parameters: { corruption: 'abc' } })
  const { pathname, searchParams } = new URL(request().url)
  expect(pathname).toBe('/tasks/ioi')
  expect(Object.fromEntries(searchParams)).toEqual({
    n: '4',
    seed: '1',
    model: 'm',
    parameters: '{"corruption":"abc"}',
  })
})

test('a refusal carries the server’s sentence, and when to come back', async () => {
  stubServer(() =>
    Response.json(
      { detail: 'The store is full.', error: 'StoreFull' },
      { status: 429, headers: { 'Retry-After': '7' } },
    ),
  )
  const refusal = saveExperiment({ title: 't', note: '', link: '?p=x', results: [] })
  await expect(refusal).rejects.toMatchObject({ detail: 'The store is full.', retryAfter: 7 })
})

test('a server that is gone is told apart from a question that nobody waits for', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  const lost = await getModels().catch((error: unknown) => error)
  expect(lost).toBeInstanceOf(ApiError)
  expect(lost).toMatchObject({ isLost: true })
  expect(await isServerAlive()).toBe(false)

  const abort = new DOMException('Nobody waits.', 'AbortError')
  vi.stubGlobal('fetch', () => Promise.reject(abort))
  await expect(getModels()).rejects.toBe(abort)
})
