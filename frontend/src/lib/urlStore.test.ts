import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createUrlStore } from './urlStore'

beforeEach(() => {
  vi.useFakeTimers()
  history.replaceState(null, '', '/')
})
afterEach(() => vi.useRealTimers())

const popped = () =>
  new Promise<void>((resolve) =>
    window.addEventListener('popstate', () => resolve(), { once: true }),
  )

test('reading is immediate and the address follows, once for many strokes', () => {
  const replace = vi.spyOn(history, 'replaceState')
  const store = createUrlStore(window)
  for (let i = 0; i < 50; i++) store.set(`?n=${i}`)
  expect(store.get()).toBe('?n=49')
  vi.advanceTimersByTime(1000)
  expect(location.search).toBe('?n=49')
  expect(replace).toHaveBeenCalledTimes(1)
})

test('a pushed state leaves the one before, with what was still to be written, to undo', async () => {
  vi.useRealTimers()
  const store = createUrlStore(window)
  const before = history.length
  store.set('?n=1')
  expect(store.canUndo()).toBe(false)
  store.set('?n=2', { push: true })
  expect(history.length).toBe(before + 1)
  expect([store.canUndo(), store.canRedo()]).toEqual([true, false])

  let back = popped()
  store.undo()
  await back
  expect(store.get()).toBe('?n=1')
  expect([store.canUndo(), store.canRedo()]).toEqual([false, true])

  back = popped()
  store.redo()
  await back
  expect(store.get()).toBe('?n=2')
})

test('a change that is no step leaves no entry', () => {
  const store = createUrlStore(window)
  const before = history.length
  store.set('?n=1')
  vi.advanceTimersByTime(1000)
  expect(history.length).toBe(before)
  expect(store.canUndo()).toBe(false)
})

test('Back tells the listeners what the address says now', () => {
  const store = createUrlStore(window)
  const listener = vi.fn()
  store.subscribe(listener)
  history.replaceState(null, '', '/?n=7')
  window.dispatchEvent(new PopStateEvent('popstate'))
  expect(listener).toHaveBeenCalledTimes(1)
  expect(store.get()).toBe('?n=7')
})

test('leaving the page writes what is still waiting', () => {
  const store = createUrlStore(window)
  store.set('?n=3')
  window.dispatchEvent(new Event('pagehide'))
  expect(location.search).toBe('?n=3')
})
