// @vitest-environment jsdom
import { createBrowserHistory } from '@tanstack/react-router'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LINKS } from '@/lib/url'
import { createAddress } from './address'

let close = () => {}

function open(path = '/') {
  history.replaceState(null, '', path)
  const router = createBrowserHistory()
  const address = createAddress(router, LINKS)
  close = () => {
    address.close()
    router.destroy()
  }
  return { router, address }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  close()
  vi.useRealTimers()
})

const popped = () =>
  new Promise<void>((resolve) =>
    window.addEventListener('popstate', () => resolve(), { once: true }),
  )

async function after(move: () => void) {
  const done = popped()
  move()
  await done
}

test('reading is immediate and the address follows, once for many strokes', () => {
  const { router, address } = open()
  const replace = vi.spyOn(router, 'replace')
  for (let i = 0; i < 50; i++) address.set({ n: String(i) })
  expect(address.get()).toEqual({ n: '49' })
  vi.advanceTimersByTime(1000)
  expect(location.search).toBe('?n=49')
  expect(replace).toHaveBeenCalledTimes(1)
})

test('a pushed state leaves the one before, with what was still to be written, to undo', async () => {
  vi.useRealTimers()
  const { address } = open()
  const before = history.length
  address.set({ n: '1' })
  expect(address.canUndo()).toBe(false)
  address.set({ n: '2' }, { push: true })
  expect(history.length).toBe(before + 1)
  expect([address.canUndo(), address.canRedo()]).toEqual([true, false])

  await after(address.undo)
  expect(address.get()).toEqual({ n: '1' })
  expect([address.canUndo(), address.canRedo()]).toEqual([false, true])

  await after(address.redo)
  expect(address.get()).toEqual({ n: '2' })
})

test('a change that is no step leaves no entry', () => {
  const { address } = open()
  const before = history.length
  address.set({ n: '1' })
  vi.advanceTimersByTime(1000)
  expect(history.length).toBe(before)
  expect(address.canUndo()).toBe(false)
})

test('Back tells the listeners what the address says now', () => {
  const { address } = open()
  const listener = vi.fn()
  address.subscribe(listener)
  history.replaceState(null, '', '/?n=7')
  window.dispatchEvent(new PopStateEvent('popstate'))
  expect(listener).toHaveBeenCalledTimes(1)
  expect(address.get()).toEqual({ n: '7' })
})

test('leaving the page writes what is still waiting', () => {
  const { address } = open()
  address.set({ n: '3' })
  window.dispatchEvent(new Event('pagehide'))
  expect(location.search).toBe('?n=3')
})

test('another view leaves what was said here, and undo does not leave this view', async () => {
  vi.useRealTimers()
  const { router, address } = open('/?n=1')
  const listener = vi.fn()
  address.subscribe(listener)
  router.push('/other?n=9')
  router.flush()
  expect(address.get()).toEqual({ n: '1' })
  router.push('/?n=1')
  router.flush()
  address.set({ n: '2' }, { push: true })
  await after(address.undo)
  expect(address.get()).toEqual({ n: '1' })
  expect([address.canUndo(), address.canRedo()]).toEqual([false, true])
  await after(() => history.back())
  expect(location.pathname).toBe('/other')
  expect(address.get()).toEqual({ n: '1' })
})

test('who goes elsewhere drops what could have been redone', async () => {
  vi.useRealTimers()
  const { router, address } = open('/?n=1')
  address.set({ n: '2' }, { push: true })
  await after(address.undo)
  expect(address.canRedo()).toBe(true)
  router.push('/other')
  router.flush()
  await after(() => history.back())
  expect([address.get(), address.canRedo()]).toEqual([{ n: '1' }, false])
})
