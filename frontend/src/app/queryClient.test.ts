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
  const recovery = createRecovery(client)
  for (let probe = 0; probe < 100; probe++) {
    recovery.isAlive(true)
    await vi.advanceTimersByTimeAsync(1000)
  }
  expect(queryFn.mock.calls.length).toBe(4)
})

test('what was answered in between is asked again after another loss', async () => {
  const { client, queryFn } = await ask(lostServer())
  const recovery = createRecovery(client)
  for (let loss = 0; loss < 6; loss++) {
    recovery.isAlive(true)
    await vi.advanceTimersByTimeAsync(10)
    client.setQueryData(['question'], loss)
    await client.invalidateQueries({ queryKey: ['question'] })
    await vi.advanceTimersByTimeAsync(1000)
  }
  // Each loss: once by the recovery, once by the test.
  expect(queryFn.mock.calls.length).toBe(13)
})

test('a stream that broke is the failure of its request, unless the probe fails', async () => {
  const { client, queryFn } = await ask(brokenStream())
  expect(client.getQueryData(ALIVE)).toBeUndefined()
  const recovery = createRecovery(client)
  await vi.advanceTimersByTimeAsync(1000)
  recovery.isAlive(false)
  recovery.isAlive(true)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(queryFn).toHaveBeenCalledTimes(1)

  await client.invalidateQueries({ queryKey: ['question'] })
  recovery.isAlive(true)
  await vi.advanceTimersByTimeAsync(10)
  expect(queryFn).toHaveBeenCalledTimes(3)
})

test('what only a button asks for is asked again too, while somebody looks at it', async () => {
  const client = createQueryClient()
  const queryFn = vi.fn(() => Promise.reject(lostServer()))
  const run = { queryKey: ['run'], queryFn }
  const leave = new QueryObserver(client, { ...run, enabled: false }).subscribe(() => undefined)
  await client.prefetchQuery(run)
  const recovery = createRecovery(client)
  recovery.isAlive(true)
  await vi.advanceTimersByTimeAsync(10)
  expect(queryFn).toHaveBeenCalledTimes(2)

  leave()
  recovery.isAlive(true)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(queryFn).toHaveBeenCalledTimes(2)
})

test('no server at all makes the page look for it', async () => {
  const { client } = await ask(lostServer())
  expect(client.getQueryData(ALIVE)).toBe(false)
})
