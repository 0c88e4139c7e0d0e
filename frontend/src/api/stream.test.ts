import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { ApiError } from './error'
import { EventParser, postStream, type Event } from './stream'

const wire = [
  ': ping\n\n',
  'event: queued\ndata: {"position":2}\n\n',
  'event: token\r\ndata: {"text":"žluť"}\r\n\r\n',
  'data: first\ndata: second\n\n',
  'event: done\ndata: {}\n\n',
].join('')

const events = [
  { event: 'queued', data: '{"position":2}' },
  { event: 'token', data: '{"text":"žluť"}' },
  { event: 'message', data: 'first\nsecond' },
  { event: 'done', data: '{}' },
]

test('however the bytes are cut, the events are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(wire.length), { maxLength: 12 }), (places) => {
      const parser = new EventParser()
      const cuts = [0, ...places.sort((a, b) => a - b), wire.length]
      const chunks = cuts.slice(1).map((end, i) => wire.slice(cuts[i], end))
      expect(chunks.flatMap((chunk) => parser.push(chunk))).toEqual(events)
    }),
  )
})

const answer = (body: string, init: ResponseInit = {}) =>
  vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(body, init))

afterEach(() => vi.restoreAllMocks())

const ask = (onEvent: (event: Event) => void = () => undefined) =>
  postStream('/infer/stream', { prompt: 'x' }, onEvent)

test('the events are handed over and the promise is the final answer', async () => {
  answer('event: queued\ndata: {"position":1}\n\nevent: done\ndata: {"model":"m"}\n\n')
  const onEvent = vi.fn()
  await expect(ask(onEvent)).resolves.toEqual({ model: 'm' })
  expect(onEvent).toHaveBeenCalledExactlyOnceWith({ name: 'queued', value: { position: 1 } })
})

test('an error event rejects with its sentence', async () => {
  answer('event: error\ndata: {"detail":"Too slow.","error":"TimeLimitExceeded"}\n\n')
  await expect(ask()).rejects.toMatchObject({ detail: 'Too slow.', error: 'TimeLimitExceeded' })
})

test('a stream that ends without an answer is a failure of this request, not a lost server', async () => {
  answer('event: queued\ndata: {"position":1}\n\n')
  await expect(ask()).rejects.toMatchObject({ error: 'StreamBroken', isLost: false })
})

test('a refusal carries its sentence and when to try again', async () => {
  answer('{"detail":"The queue is full.","error":"QueueFull"}', {
    status: 429,
    headers: { 'Retry-After': '3' },
  })
  const refusal = await ask().catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(ApiError)
  expect(refusal).toMatchObject({
    message: 'The queue is full.',
    status: 429,
    retryAfter: 3,
    isRefusal: false,
  })
})
