/** The parameters of cuts as entries of a query: set1.references=First&set1.references=Second. */

import type { Effect } from './cuts'
import type { ParameterSets } from './notation'
import type { Entry } from './query'

/** As in `set1.references`. */
export type SetKey = `set${number}.${string}`

const KEY = /^set(\d{1,4})\.([a-z_]{1,60})$/

export const isSetKey = (key: string): key is SetKey => KEY.test(key)

/** All sets a query holds. */
export function readSets(query: Iterable<Entry>): ParameterSets {
  const sets = new Map<number, Entry[]>()
  for (const [key, text] of query) {
    const [, number, name] = KEY.exec(key) ?? []
    if (number === undefined || name === undefined) continue
    sets.set(Number(number), [...(sets.get(Number(number)) ?? []), [name, text]])
  }
  return sets
}

const entriesOf = ({ parameters = {} }: Effect): Entry[] =>
  Object.entries(parameters).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((text) => [name, text] as const),
  )

/** Numbers equal sets once; `kept` are the sets that unread cuts refer to. */
export function numberSets(kept: readonly Entry[]) {
  const taken = new Set(kept.map(([key]) => Number(KEY.exec(key)?.[1])))
  const numbers = new Map<string, number>()
  const entries: Entry[] = [...kept]
  let next = 1
  return {
    entries,
    /** The number of an effect's set; null where it has no parameters. */
    numberOf(effect: Effect): number | null {
      const set = entriesOf(effect)
      if (set.length === 0) return null
      const key = JSON.stringify(set)
      const known = numbers.get(key)
      if (known !== undefined) return known
      while (taken.has(next)) next++
      taken.add(next)
      numbers.set(key, next)
      entries.push(...set.map(([name, text]) => [`set${next}.${name}`, text] as const))
      return next
    },
  }
}

/** The entries that texts like `L9H6q~2` refer to, to be kept with them. */
export function setsNamedBy(texts: readonly string[], query: Iterable<Entry>): Entry[] {
  const named = new Set(texts.flatMap((text) => /~(\d{1,4})$/.exec(text)?.[1] ?? []))
  return [...query].filter(([key]) => named.has(KEY.exec(key)?.[1] ?? ''))
}
