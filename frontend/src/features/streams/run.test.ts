// @vitest-environment jsdom
import '@/test-setup'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook } from '@testing-library/react'
import { createElement, type ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { runStream, type RunSoFar } from '@/api/queries'
import type { RunBody } from '@/api/requests'
import { keepStreams, restart, stop, useStream } from '@/api/streamQuery'
import type { GeneratedToken } from '@/api/types'
import { IDLE, runStateOf, textsOf } from './run'

/** A response whose events the test writes one by one. */
function liveAnswer() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const signals: AbortSignal[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation((_, init) => {
    if (init?.signal) signals.push(init.signal)
    return Promise.resolve(new Response(readable))
  })
  return {
    signals,
    send: (event: string, data: unknown) =>
      writer.write(new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)),
    end: () => writer.close(),
  }
}

const token = (text: string): GeneratedToken => ({ id: 1, text, logprob: -1, alternatives: [] })
const body: RunBody = {
  prompt: 'x',
  prepend_bos: true,
  ablations: [],
  max_new_tokens: 3,
  temperature: 0,
}

function start() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  keepStreams(client)
  const wrapper = ({ children }: { children: ReactNode }) =>
    createElement(QueryClientProvider, { client }, children)
  const { result } = renderHook(
    () => runStateOf(body, useStream(runStream(body), { enabled: false })),
    { wrapper },
  )
  void act(() => void restart(client, runStream(body)))
  return { client, run: () => result.current }
}

afterEach(() => vi.restoreAllMocks())

test('tokens arrive one by one', async () => {
  const answer = liveAnswer()
  const { run } = start()
  await answer.send('token', { index: 0, control: token('a'), ablated: token('b'), metrics: null })
  await vi.waitFor(() => expect(run().control).toHaveLength(1))
  await answer.send('token', { index: 1, control: token('c'), ablated: null, metrics: null })
  await vi.waitFor(() => expect(run().control).toHaveLength(2))
  expect(run()).toMatchObject({ status: 'running', ablated: [token('b')] })
})

test('stopping keeps what has come and aborts the request', async () => {
  const answer = liveAnswer()
  const { client, run } = start()
  await answer.send('token', { index: 0, control: token('a'), ablated: token('b'), metrics: null })
  await vi.waitFor(() => expect(run().control).toHaveLength(1))
  await act(() => stop(client, runStream(body)))
  await vi.waitFor(() => expect(run().status).toBe('stopped'))
  expect(run().control).toEqual([token('a')])
  expect(answer.signals[0]?.aborted).toBe(true)
})

test('a stream that breaks off is a failure that keeps what had come', async () => {
  const answer = liveAnswer()
  const { run } = start()
  await answer.send('token', { index: 0, control: token('a'), ablated: token('b'), metrics: null })
  await answer.end()
  await vi.waitFor(() => expect(run().status).toBe('failed'))
  expect(run()).toMatchObject({ control: [token('a')], error: { error: 'StreamBroken' } })
})

const written = (status: 'running' | 'stopped'): Parameters<typeof textsOf>[0] => ({
  ...IDLE,
  status,
  promptTokens: [{ id: 0, text: 'x' }],
  control: [token('a'), token('c'), token('e')],
  ablated: [token('b')],
})
const sizes = (texts: ReturnType<typeof textsOf>) =>
  texts && [texts.control.tokens.length, texts.ablated.tokens.length]

test('a stopped text can be looked into as far as it was written', () => {
  expect(sizes(textsOf(written('stopped'), { stream: 'control', index: 1 }))).toEqual([3, 1])
})

test('a text that is being written is read up to the chosen token', () => {
  expect(sizes(textsOf(written('running'), { stream: 'control', index: 1 }))).toEqual([2, 0])
  expect(sizes(textsOf(written('running'), null))).toEqual([0, 0])
  expect(textsOf(IDLE as RunSoFar & typeof IDLE, null)).toBeNull()
})
