import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entriesOf, first, parseQuery, queryOf, writeQuery } from './query'

const text = fc.string({ unit: 'binary', maxLength: 20 })

test('a query keeps every entry through the address bar', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 12 }), (entries) => {
      const query = queryOf(entries)
      const { search } = new URL(`http://localhost/${writeQuery(query)}`)
      const sorted = (list: readonly (readonly [string, string])[]) =>
        list.map((entry) => JSON.stringify(entry)).sort()
      expect(parseQuery(search)).toEqual(query)
      expect(sorted(entriesOf(query))).toEqual(sorted(entries))
    }),
  )
})

test('what a person reads in a query is not escaped', () => {
  expect(writeQuery({ p: 'Why? Mary, John', cut: 'L9H6z@10-14~1' })).toBe(
    '?p=Why?+Mary,+John&cut=L9H6z@10-14~1',
  )
  expect(writeQuery({})).toBe('')
})

test('of a key that stands twice a link means the first', () => {
  const query = parseQuery('?n=1&n=2&k=')
  expect([first(query, 'n'), first(query, 'k'), first(query, 'toString')]).toEqual([
    '1',
    '',
    undefined,
  ])
})
