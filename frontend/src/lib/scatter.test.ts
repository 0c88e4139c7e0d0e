import fc from 'fast-check'
import { expect, test } from 'vitest'
import { axisOf, labelled, pointsOf, tellCorrelation } from './scatter'

test('only heads both scores know become points', () => {
  expect(pointsOf([[1, 2], [3]], [[5, 6]])).toEqual([
    { head: { layer: 0, head: 0 }, x: 1, y: 5 },
    { head: { layer: 0, head: 1 }, x: 2, y: 6 },
  ])
})

test.each(['linear', 'log'] as const)('%s axes keep order and hold every value', (scale) => {
  const value = fc.double({ min: -1e4, max: 1e4, noNaN: true })
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (values) => {
      const { place, domain, ticks } = axisOf(values, scale)
      const places = [...values].sort((a, b) => a - b).map(place)
      places.slice(1).forEach((p, i) => expect(p).toBeGreaterThanOrEqual(places[i]!))
      const slack = 1e-6 * (domain[1] - domain[0]) + 1e-9
      for (const p of [places[0]!, places.at(-1)!, ...ticks.map((tick) => tick.place)]) {
        expect(p).toBeGreaterThanOrEqual(domain[0] - slack)
        expect(p).toBeLessThanOrEqual(domain[1] + slack)
      }
    }),
  )
})

const labels = (values: number[]) => axisOf(values, 'log').ticks.map(({ label }) => label)

test('a logarithmic axis of signed scores has zero in place and few round ticks', () => {
  expect(axisOf([-0.02, 0, 0.7], 'log').place(0)).toBe(0)
  expect(labels([-0.002, 0, 0.7])).toContain('0')
  expect(labels([-0.7, 0.7]).filter((label) => label.startsWith('−'))).toHaveLength(5)
})

test('a logarithmic axis of positive scores begins at the smallest', () => {
  const { domain, place } = axisOf([0.02, 0.9], 'log')
  expect(domain[0]).toBeGreaterThan(place(0.01))
  expect(labels([0.02, 0.9])).toEqual(['0.020', '0.050', '0.100', '0.200', '0.500'])
})

test('names go to the largest first and never fall on each other', () => {
  const at = (x: number, y: number, head: number) => ({ head: { layer: 0, head }, x, y })
  const points = [at(0.1, 0.1, 0), at(1, 0.2, 1), at(0.99, 0.2, 2), at(0.2, 0.9, 3)]
  expect(labelled(points, (p) => [p.x, p.y], [0.1, 0.1], 2).map(({ head }) => head)).toEqual([1, 3])
})

test('a correlation reads in words', () => {
  expect(tellCorrelation(0.91, 144)).toBe(
    'Spearman’s ρ = 0.91 over 144 heads: the two scores put the heads in nearly the same order.',
  )
  expect(tellCorrelation(-0.6, 144)).toContain('−0.60')
  expect(tellCorrelation(0, 4)).toContain('do not agree')
  expect(tellCorrelation(0.6, 144, true)).toContain('of the sizes = 0.60')
  expect(tellCorrelation(null, 4)).toContain('no correlation')
})
