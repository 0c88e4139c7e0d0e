import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { QueryObserver } from '@tanstack/react-query'
import { lostServer } from '@/api/error'
import { brokenStream } from '@/api/stream'
import { ALIVE, createQueryClient, createRecovery } from './queryClient'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

async function ask(error: Error) {
  const client = createQueryClient()
  const queryFn = vi.fn(() => Promise.reject(error))
  new QueryObserver(client, { queryKey: ['question'], queryFn }).subscribe(() => undefined)
  await vi.advanceTimersByTimeAsync(10)
  return { client, queryFn }
}

test('a question that takes the connection down each time is not repeated for ever', async () => {
  const { client, queryFn } = await ask(lostServer())
  const recover = createRecovery(client)
  for (let probe = 0; probe < 100; probe++) {
    recover()
    await vi.advanceTimersByTimeAsync(1000)
  }
  expect(queryFn.mock.calls.length).toBe(4)
})

test('what was answered in between is asked again after another loss', async () => {
  const { client, queryFn } = await ask(lostServer())
  const recover = createRecovery(client)
  for (let loss = 0; loss < 6; loss++) {
    recover()
    await vi.advanceTimersByTimeAsync(10)
    client.setQueryData(['question'], loss)
    await client.invalidateQueries({ queryKey: ['question'] })
    await vi.advanceTimersByTimeAsync(1000)
  }
  // Each loss: once by the recovery, once by the test.
  expect(queryFn.mock.calls.length).toBe(13)
})

test('a stream that broke is the failure of its request, not of the server', async () => {
  const { client, queryFn } = await ask(brokenStream())
  expect(client.getQueryData(ALIVE)).toBeUndefined()
  createRecovery(client)()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(queryFn).toHaveBeenCalledTimes(1)
})

test('no server at all makes the page look for it', async () => {
  const { client } = await ask(lostServer())
  expect(client.getQueryData(ALIVE)).toBe(false)
})
