import { afterEach, expect, test, vi } from 'vitest'
import { InferRun } from './run'

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

const token = (text: string) => ({ id: 1, text, logprob: -1, alternatives: [] })

afterEach(() => vi.restoreAllMocks())

test('tokens arrive one by one', async () => {
  const answer = liveAnswer()
  const run = new InferRun()
  void run.start({ prompt: 'x' })
  await answer.send('token', { index: 0, control: token('a'), ablated: token('b'), metrics: null })
  await vi.waitFor(() => expect(run.get().control).toHaveLength(1))
  await answer.send('token', { index: 1, control: token('c'), ablated: null, metrics: null })
  await vi.waitFor(() => expect(run.get().control).toHaveLength(2))
  expect(run.get()).toMatchObject({ status: 'running', ablated: [token('b')] })
})

test('stopping keeps what has come and aborts the request', async () => {
  const answer = liveAnswer()
  const run = new InferRun()
  void run.start({ prompt: 'x' })
  await answer.send('token', { index: 0, control: token('a'), ablated: token('b'), metrics: null })
  await vi.waitFor(() => expect(run.get().control).toHaveLength(1))
  run.stop()
  expect(run.get()).toMatchObject({ status: 'stopped', control: [token('a')] })
  expect(answer.signals[0]?.aborted).toBe(true)
})

test('a stream that breaks off is a failure that tells of the loss', async () => {
  const answer = liveAnswer()
  const run = new InferRun()
  run.onLost = vi.fn()
  const finished = run.start({ prompt: 'x' })
  await answer.end()
  await finished
  expect(run.get().status).toBe('failed')
  expect(run.onLost).toHaveBeenCalled()
})
