import type { RouterHistory } from '@tanstack/react-router'

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** How many changes of this view stand before the entry. */
    step?: number
  }
}

const stepOf = ({ step = 0 }: RouterHistory['location']['state']) => step

/** How a view's link stands in the query of its address. */
export type Codec<Link> = {
  readonly parse: (search: string) => Link
  readonly write: (link: Link) => string
}

/**
 * What a view's address says, as a store, and the browser's history as its only history: a pushed
 * change is a step of Back and of undo alike. Reading is immediate; a change that is no step is
 * written at most every 150 ms, because browsers refuse pages that rewrite it for each key. While
 * another view is shown it keeps what it said last.
 */
export function createAddress<Link>(
  history: RouterHistory,
  codec: Codec<Link>,
  { path = '/', delay = 150 } = {},
) {
  const isHere = () => history.location.pathname === path
  let search = isHere() ? history.location.search : ''
  let link = codec.parse(search)
  let step = isHere() ? stepOf(history.location.state) : 0
  let last = step
  let timer: ReturnType<typeof setTimeout> | null = null
  const listeners = new Set<() => void>()
  const tell = () => listeners.forEach((listener) => listener())

  function forgetTimer() {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }

  /** At once: the history would make one entry of several changes in one task. */
  function write(change: RouterHistory['push']) {
    change(path + search, { step })
    history.flush()
  }

  function flush() {
    forgetTimer()
    if (!isHere() || search === history.location.search) return
    write(history.replace)
  }

  const unsubscribe = history.subscribe(({ location, action }) => {
    // Who pushes, from whichever view, drops what lay ahead.
    if (action.type === 'PUSH') last = isHere() ? stepOf(location.state) : step
    if (!isHere()) return
    const isOurs = location.search === search && stepOf(location.state) === step
    if (isOurs) return
    forgetTimer()
    search = location.search
    link = codec.parse(search)
    step = stepOf(location.state)
    last = Math.max(last, step)
    tell()
  })
  window.addEventListener('pagehide', flush)

  return {
    get: (): Link => link,
    /** `push` leaves the state before as a step to come back to. */
    set(next: Link, { push = false } = {}) {
      const written = codec.write(next)
      if (written === search) return
      if (push) flush()
      search = written
      link = next
      if (push) last = step += 1
      // Before the history is written, which takes longer: what follows is asked at once.
      tell()
      if (push) write(history.push)
      else timer ??= setTimeout(flush, delay)
    },
    canUndo: () => step > 0,
    canRedo: () => step < last,
    undo() {
      flush()
      if (step > 0) history.back()
    },
    redo() {
      flush()
      if (step < last) history.forward()
    },
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    /** Listens no more. */
    close() {
      flush()
      unsubscribe()
      window.removeEventListener('pagehide', flush)
    },
  }
}

export type Address<Link> = ReturnType<typeof createAddress<Link>>
