/** What this browser has saved: addresses, the keys that delete, and what to show meanwhile. */

import { recall, remember } from '@/lib/storage'

export type Entry = {
  readonly id: string
  /** null for what others have saved. */
  readonly key: string | null
  readonly title: string
  /** ISO 8601, as the server says it. */
  readonly saved: string
  readonly expires: string
  /** Of an answer its class, of a class itself; left out where it is neither. */
  readonly classroom?: string
}

/** A classroom link that this browser can read the answers of. */
export const isClass = ({ id, classroom }: Entry): boolean => classroom === id

const place = 'saved'
/** More than one client may keep on a server by default. */
export const MOST_ENTRIES = 500

const isText = (value: unknown): value is string => typeof value === 'string' && value.length < 200

function entryOf(value: unknown): Entry | null {
  if (typeof value !== 'object' || value === null) return null
  const { id, key = null, title, saved, expires, classroom } = value as Record<string, unknown>
  if (![id, title, saved, expires].every(isText) || !(key === null || isText(key))) return null
  return { id, key, title, saved, expires, ...(isText(classroom) && { classroom }) } as Entry
}

/** What the browser's memory holds, whatever else is in it; the latest first, each once. */
export function readEntries(text: string | null): readonly Entry[] {
  let list: unknown = null
  try {
    list = JSON.parse(text ?? '[]')
  } catch {
    // Then there is nothing.
  }
  const entries = (Array.isArray(list) ? list : []).map(entryOf).filter((entry) => entry !== null)
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  return [...byId.values()].slice(0, MOST_ENTRIES)
}

/** The list as a store; other tabs change it too. */
export function createEntries(view: Window) {
  let text = recall(place)
  let entries = readEntries(text)
  const listeners = new Set<() => void>()

  function refresh() {
    const now = recall(place)
    if (now === text) return
    text = now
    entries = readEntries(text)
    listeners.forEach((listener) => listener())
  }

  function set(next: readonly Entry[]) {
    entries = next.slice(0, MOST_ENTRIES)
    text = JSON.stringify(entries)
    remember(place, text)
    listeners.forEach((listener) => listener())
  }

  view.addEventListener('storage', refresh)
  return {
    get: () => entries,
    add(entry: Entry) {
      refresh()
      set([entry, ...entries.filter(({ id }) => id !== entry.id)])
    },
    remove(id: string) {
      refresh()
      set(entries.filter((entry) => entry.id !== id))
    },
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
