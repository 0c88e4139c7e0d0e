type Step = { readonly step: number }

const stepOf = (state: unknown): number =>
  typeof state === 'object' && state !== null && 'step' in state ? (state as Step).step : 0

/**
 * The query of the address as a store, and the browser's history as its only history: a pushed
 * change is a step of Back and of undo alike. Reading is immediate; a change that is no step is
 * written at most every 150 ms, because browsers refuse pages that rewrite it for each key.
 */
export function createUrlStore(view: Window, delay = 150) {
  let search = view.location.search
  let step = stepOf(view.history.state)
  let last = step
  let timer: ReturnType<typeof setTimeout> | null = null
  const listeners = new Set<() => void>()
  const tell = () => listeners.forEach((listener) => listener())
  const address = () => `${view.location.pathname}${search}`

  function flush() {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (search !== view.location.search) view.history.replaceState({ step }, '', address())
  }

  function onPopState({ state }: PopStateEvent) {
    if (timer !== null) clearTimeout(timer)
    timer = null
    search = view.location.search
    step = stepOf(state)
    last = Math.max(last, step)
    tell()
  }

  view.addEventListener('popstate', onPopState)
  view.addEventListener('pagehide', flush)

  return {
    get: () => search,
    /** `push` leaves the state before as a step to come back to. */
    set(next: string, { push = false } = {}) {
      if (next === search) return
      if (push) flush()
      search = next
      if (push) {
        step += 1
        last = step
        view.history.pushState({ step }, '', address())
      } else timer ??= setTimeout(flush, delay)
      tell()
    },
    canUndo: () => step > 0,
    canRedo: () => step < last,
    undo() {
      flush()
      if (step > 0) view.history.back()
    },
    redo() {
      flush()
      if (step < last) view.history.forward()
    },
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    /** Listens no more. */
    close() {
      flush()
      view.removeEventListener('popstate', onPopState)
      view.removeEventListener('pagehide', flush)
    },
  }
}

export type UrlStore = ReturnType<typeof createUrlStore>
