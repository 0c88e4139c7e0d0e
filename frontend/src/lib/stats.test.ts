import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tickFormat } from './format'
import { niceTicks, ranks, spearman } from './stats'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })

test('ties share the mean of their ranks', () => {
  expect(ranks([10, 20, 10, 5])).toEqual([2.5, 4, 2.5, 1])
})

test('Spearman gives the textbook value', () => {
  // Source: https://en.wikipedia.org/wiki/Spearman%27s_rank_correlation_coefficient, IQ and TV hours
  const iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
  const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
  expect(spearman(iq, hours)).toBeCloseTo(-29 / 165, 10)
})

test('Spearman sees order alone', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 40 }),
      (x) => {
        expect(
          spearman(
            x,
            x.map((v) => Math.atan(v / 1e3) * 7 + 1),
          )!,
        ).toBeGreaterThan(0.999)
        expect(
          spearman(
            x,
            x.map((v) => -v),
          ),
        ).toBeCloseTo(-1)
      },
    ),
  )
})

test('a constant side, one point and no point have no correlation', () => {
  expect(spearman([1, 2, 3], [4, 4, 4])).toBeNull()
  expect(spearman([1], [1])).toBeNull()
  expect(spearman([], [])).toBeNull()
})

test('ticks are round and cover the range', () => {
  expect(niceTicks(0, 0.93)).toEqual([0, 0.25, 0.5, 0.75, 1])
  expect(niceTicks(3, 3)).toEqual([3])
  fc.assert(
    fc.property(finite, finite, (a, b) => {
      fc.pre(Math.abs(a - b) > 1e-3)
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      const ticks = niceTicks(low, high)
      expect(ticks[0]).toBeLessThanOrEqual(low + 1e-6 * (high - low))
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(high - 1e-6 * (high - low))
      expect(ticks.length).toBeLessThan(12)
    }),
  )
})

const everyday = fc.double({ noNaN: true, min: -1e5, max: 1e5 })

test('the ticks of an axis have as many decimals, and tell them apart', () => {
  const told = (low: number, high: number) => {
    const ticks = niceTicks(low, high)
    return ticks.map(tickFormat(ticks))
  }
  expect(told(-0.5, 1.5)).toEqual(['−0.5', '0.0', '0.5', '1.0', '1.5'])
  expect(told(-5, 20)).toEqual(['−10', '0', '10', '20'])
  fc.assert(
    fc.property(everyday, everyday, (a, b) => {
      fc.pre(Math.abs(a - b) > 1e-3)
      const words = told(Math.min(a, b), Math.max(a, b))
      expect(new Set(words).size).toBe(words.length)
    }),
  )
})
