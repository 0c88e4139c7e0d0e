import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  allHeads,
  between,
  invert,
  possible,
  tellEffect,
  toggleHeads,
  topHeads,
  withEffect,
  withHeads,
  withoutHeads,
  type Cut,
} from './cuts'
import { byPosition, headName, type Site } from './heads'
import { METHODS } from './methods.fixture'

const shape = { nLayers: 12, nHeads: 12 }
const head = fc.record({ layer: fc.nat(11), head: fc.nat(11) })
const heads = fc.array(head, { maxLength: 30 })
const zero = { method: 'zero' }
const mean = { method: 'mean' }
const names = (list: readonly Site[]) => list.map(headName)

test('cutting lists each head once, in order', () => {
  fc.assert(
    fc.property(heads, heads, (first, second) => {
      const cuts = withHeads(withHeads([], first, zero), second, mean)
      expect(names(cuts)).toEqual(names([...cuts].sort(byPosition)))
      expect(new Set(names(cuts)).size).toBe(cuts.length)
      expect(new Set(names(cuts))).toEqual(new Set(names([...first, ...second])))
    }),
  )
})

test('a head that is cut keeps its method when cut again', () => {
  const cuts = withHeads([{ layer: 1, head: 2, method: 'mean' }], [{ layer: 1, head: 2 }], zero)
  expect(cuts).toEqual([{ layer: 1, head: 2, method: 'mean' }])
})

test('restoring what was cut leaves nothing', () => {
  fc.assert(
    fc.property(heads, (list) => {
      expect(withoutHeads(withHeads([], list, zero), list)).toEqual([])
    }),
  )
})

test('toggling a row cuts what is left of it, then restores all of it', () => {
  const row = allHeads({ nLayers: 1, nHeads: 12 })
  const once = toggleHeads([{ layer: 0, head: 3, method: 'mean' }], row, zero)
  expect(once).toHaveLength(12)
  expect(toggleHeads(once, row, zero)).toEqual([])
})

test('inverting twice keeps the heads', () => {
  fc.assert(
    fc.property(heads, (list) => {
      const cuts = withHeads([], list, zero)
      expect(invert(invert(cuts, shape, zero), shape, zero)).toEqual(cuts)
    }),
  )
})

test('a rectangle is the same from either corner', () => {
  fc.assert(
    fc.property(head, head, (a, b) => {
      expect(between(a, b)).toEqual(between(b, a))
      expect(between(a, b)).toContainEqual(a)
    }),
  )
})

test('the top heads are the first of the ranking, in order of position', () => {
  const ranking = [
    { layer: 9, head: 6, score: 3 },
    { layer: 2, head: 1, score: -2 },
    { layer: 0, head: 0, score: 1 },
  ]
  const expected: Cut[] = [
    { layer: 2, head: 1, method: 'mean' },
    { layer: 9, head: 6, method: 'mean' },
  ]
  expect(topHeads(ranking, 2, mean)).toEqual(expected)
})

test('MLPs are cut in a column of their own, and inverting leaves them', () => {
  const column = between({ layer: 2, head: 5 }, { layer: 4, head: null })
  expect(names(column)).toEqual(['M2', 'M3', 'M4'])
  const cuts = withHeads(withHeads([], [{ layer: 2, head: 1 }], zero), column, zero)
  expect(names(cuts)).toEqual(['L2H1', 'M2', 'M3', 'M4'])
  const inverted = invert(cuts, shape, mean)
  expect(inverted).toHaveLength(143 + 3)
  expect(inverted.filter((cut) => cut.head === null).every((cut) => cut.method === 'zero')).toBe(
    true,
  )
})

test('a changed effect holds only what is not the default', () => {
  const cuts = withHeads([], [{ layer: 1, head: 2 }], zero)
  const half = withEffect(cuts, { layer: 1, head: 2 }, { ...zero, strength: 0.5 })
  expect(half).toEqual([{ layer: 1, head: 2, method: 'zero', strength: 0.5 }])
  expect(withEffect(half, { layer: 1, head: 2 }, { ...zero, strength: 1 })).toEqual(cuts)
  expect(tellEffect(half[0]!)).toBe('zero ×0.5')
})

test('what this model cannot do is told apart, not dropped', () => {
  const cuts = [
    { layer: 1, head: 2, method: 'zero' },
    { layer: 1, head: null, method: 'mean' },
    { layer: 30, head: 0, method: 'zero' },
    { layer: 3, head: 0, method: 'unheard-of' },
  ]
  const { shown, hidden } = possible(cuts, shape, METHODS)
  expect(shown).toEqual(cuts.slice(0, 1))
  expect(hidden).toEqual(cuts.slice(1))
})
