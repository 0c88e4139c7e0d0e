import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellName, fraction, largest, readout, type ScoreTable } from './scores'

const table: ScoreTable = {
  method: 'kl',
  unit: 'nats',
  values: [
    [0.42, null],
    [-2, 0],
  ],
}

test('a cell says where it is, what it scores and how it is cut', () => {
  const cut = { layer: 0, head: 0, method: 'zero' } as const
  expect(cellName(cut, table, cut)).toBe('Layer 0 head 0, KL 0.420, ablated by zero')
  expect(cellName({ layer: 0, head: 1 }, table, undefined)).toBe('Layer 0 head 1')
  expect(readout(cut, table, cut)).toBe('L0H0 · KL 0.420 nats · cut by zero')
})

test('the scale keeps sign and order and ends at the largest', () => {
  const size = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(size, size, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (a, b, most) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      expect(fraction(low, most, 3)).toBeLessThanOrEqual(fraction(high, most, 3))
      expect(Math.abs(fraction(a, most, 2))).toBeLessThanOrEqual(1)
      expect(fraction(-a, most, 2)).toBeCloseTo(-fraction(a, most, 2))
    }),
  )
  expect(fraction(0, 0, 2)).toBe(0)
  expect(fraction(2 / 8, 2, 3)).toBeCloseTo(0.5)
  expect(largest(table)).toBe(2)
})
