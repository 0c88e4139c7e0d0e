import fc from 'fast-check'
import { expect, test } from 'vitest'
import { axisOf, labelled, pointsOf, tellCorrelation } from './scatter'

test('only heads both scores know become points', () => {
  expect(pointsOf([[1, 2], [3]], [[5, 6]])).toEqual([
    { head: { layer: 0, head: 0 }, x: 1, y: 5 },
    { head: { layer: 0, head: 1 }, x: 2, y: 6 },
  ])
})

test.each(['linear', 'log'] as const)('%s axes keep order and cover every value', (scale) => {
  const value = fc.double({ min: -1e4, max: 1e4, noNaN: true })
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (values) => {
      const { place, ticks } = axisOf(values, scale)
      const places = [...values].sort((a, b) => a - b).map(place)
      places.slice(1).forEach((p, i) => expect(p).toBeGreaterThanOrEqual(places[i]!))
      const slack = 0.31
      expect(ticks[0]!.place).toBeLessThanOrEqual(places[0]! + slack)
      expect(ticks.at(-1)!.place).toBeGreaterThanOrEqual(places.at(-1)! - slack)
    }),
  )
})

test('a logarithmic axis has its zero in place and ticks at powers of ten', () => {
  const { place, ticks } = axisOf([-0.02, 0, 0.7], 'log')
  expect(place(0)).toBe(0)
  expect(ticks.map(({ label }) => label)).toEqual([
    ...['−1.00', '−0.100', '−0.010'],
    ...['0', '0.010', '0.100', '1.00'],
  ])
})

test('names go to the largest first and never fall on each other', () => {
  const at = (x: number, y: number, head: number) => ({ head: { layer: 0, head }, x, y })
  const points = [at(0.1, 0.1, 0), at(1, 0.2, 1), at(0.99, 0.2, 2), at(0.2, 0.9, 3)]
  expect(labelled(points, (p) => [p.x, p.y], 2).map(({ head }) => head)).toEqual([1, 3])
})

test('a correlation reads in words', () => {
  expect(tellCorrelation(0.91, 144)).toBe(
    'Spearman’s ρ = 0.91 over 144 heads: the two scores put the heads in nearly the same order.',
  )
  expect(tellCorrelation(-0.6, 144)).toContain('−0.60')
  expect(tellCorrelation(0, 4)).toContain('do not agree')
  expect(tellCorrelation(null, 4)).toContain('no correlation')
})
