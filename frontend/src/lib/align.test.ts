import fc from 'fast-check'
import { expect, test } from 'vitest'
import { alignStreams } from './align'

const tokens = (...ids: number[]) => ids.map((id) => ({ id }))
const stream = fc.array(fc.record({ id: fc.integer({ min: 0, max: 3 }) }), { maxLength: 12 })

test('equal streams have no first difference', () => {
  expect(alignStreams(tokens(1, 2), tokens(1, 2)).firstDifference).toBeNull()
  expect(alignStreams([], []).rows).toEqual([])
})

test('the first unequal token is found, later agreement does not matter', () => {
  const { rows, firstDifference } = alignStreams(tokens(1, 2, 3), tokens(1, 9, 3))
  expect(firstDifference).toBe(1)
  expect(rows.map(({ same }) => same)).toEqual([true, false, true])
})

test('a stream that ended early differs there, but not while it may still come', () => {
  expect(alignStreams(tokens(1, 2), tokens(1)).firstDifference).toBe(1)
  expect(alignStreams(tokens(1, 2), tokens(1), true).firstDifference).toBeNull()
})

test('every token appears once and before the first difference all pairs agree', () => {
  fc.assert(
    fc.property(stream, stream, (control, ablated) => {
      const { rows, firstDifference } = alignStreams(control, ablated)
      expect(rows.flatMap((row) => row.control ?? [])).toEqual(control)
      expect(rows.flatMap((row) => row.ablated ?? [])).toEqual(ablated)
      expect(rows.slice(0, firstDifference ?? rows.length).every(({ same }) => same)).toBe(true)
    }),
  )
})
