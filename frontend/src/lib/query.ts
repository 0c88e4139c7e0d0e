/** Queries of addresses that a person can read: every value is a text, and none is lost. */

/** What a query says, entry by entry; a key that stands several times has a list. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>

export type Entry = readonly [key: string, text: string]

export const entriesOf = (query: Query): Entry[] =>
  Object.entries(query).flatMap(([key, value]) =>
    value === undefined
      ? []
      : typeof value === 'string'
        ? [[key, value] as const]
        : value.map((text) => [key, text] as const),
  )

export function queryOf(entries: Iterable<Entry>): Query {
  const texts = new Map<string, string[]>()
  for (const [key, text] of entries) texts.set(key, [...(texts.get(key) ?? []), text])
  return Object.fromEntries(
    [...texts].map(([key, all]) => [key, all.length === 1 ? all[0] : all] as const),
  )
}

/** The first text of a key, as a link means it. */
export function first(query: Query, key: string): string | undefined {
  const value = Object.hasOwn(query, key) ? query[key] : undefined
  return typeof value === 'string' ? value : value?.[0]
}

export const parseQuery = (search: string): Query => queryOf(new URLSearchParams(search))

/** URLSearchParams escapes more than a query needs; these read better as they are. */
const readable = (query: string) =>
  query
    .replace(/%2C/g, ',')
    .replace(/%3A/g, ':')
    .replace(/%3F/g, '?')
    .replace(/%2F/g, '/')
    .replace(/%40/g, '@')
    .replace(/%7E/g, '~')

/** With its question mark; empty where there is nothing to say. */
export function writeQuery(query: Query): string {
  const params = new URLSearchParams(entriesOf(query).map(([key, text]) => [key, text]))
  const text = readable(params.toString())
  return text && `?${text}`
}
