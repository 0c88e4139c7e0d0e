/**
 * The query of the address as a store. Reading is immediate; the address itself follows at most
 * every 150 ms, because browsers refuse pages that rewrite it for each stroke of a brush.
 */
export function createUrlStore(view: Window, delay = 150) {
  let search = view.location.search
  let timer: ReturnType<typeof setTimeout> | null = null
  const listeners = new Set<() => void>()
  const tell = () => listeners.forEach((listener) => listener())

  function flush() {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (search !== view.location.search) {
      view.history.replaceState(null, '', `${view.location.pathname}${search}`)
    }
  }

  view.addEventListener('popstate', () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    search = view.location.search
    tell()
  })
  view.addEventListener('pagehide', flush)

  return {
    get: () => search,
    /** `push` leaves the state before as a step of the browser's Back button. */
    set(next: string, { push = false } = {}) {
      if (next === search) return
      if (push) flush()
      search = next
      if (push) view.history.pushState(null, '', `${view.location.pathname}${next}`)
      else timer ??= setTimeout(flush, delay)
      tell()
    },
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export type UrlStore = ReturnType<typeof createUrlStore>
