import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellName, largest, readout, valueAt } from './layer'
import { scaleOf } from './scale'
import { isSigned, scoreLayer, scoreName, tellRedundancy, type ScoreTable } from './scores'

const table = (values: ScoreTable['values'], rest: Partial<ScoreTable> = {}): ScoreTable => ({
  method: 'attribution',
  metric: 'loss',
  unit: 'nats',
  given: 0,
  values,
  ...rest,
})

test('a partial table knows what it knows', () => {
  const partial = table([[1, -3], []])
  expect(largest(partial)).toBe(3)
  expect(valueAt(partial, { layer: 1, head: 0 })).toBeNull()
  expect(valueAt(partial, { layer: 0, head: null })).toBeNull()
})

test('names say the metric where it is not the method’s own', () => {
  expect(scoreName({ method: 'ablation', metric: null })).toBe('KL')
  expect(scoreName({ method: 'gradient', metric: 'loss' })).toBe('Gradient')
  expect(scoreName({ method: 'ablation', metric: 'logit_difference' })).toBe(
    'Ablation, logit difference',
  )
  expect(isSigned({ method: 'ablation', metric: 'kl' })).toBe(false)
  expect(isSigned({ method: 'ablation', metric: 'probability' })).toBe(true)
})

test('the scale keeps sign and order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 20 }),
      fc.constantFrom('gradient', 'l2', 'ablation', 'attribution'),
      (numbers, method) => {
        const values = method === 'attribution' ? numbers : numbers.map(Math.abs)
        const { place } = scaleOf(scoreLayer(table([values], { method, metric: null })))
        const sorted = [...values].sort((a, b) => a - b)
        sorted.slice(1).forEach((value, i) => {
          expect(place(value)).toBeGreaterThanOrEqual(place(sorted[i] ?? 0))
        })
        values.forEach((value) => {
          expect(Math.abs(place(value))).toBeLessThanOrEqual(1)
          expect(place(value) * value).toBeGreaterThanOrEqual(0)
        })
      },
    ),
  )
})

test('gradients that lie close together spread over all colours', () => {
  const values = [[...Array(100)].map((_, i) => 5 + i / 1000)]
  const { place, words } = scaleOf(scoreLayer(table(values, { method: 'gradient' })))
  const places = values[0]!.map(place)
  expect(places.filter((p) => p < 0.25)).toHaveLength(25)
  expect(places.filter((p) => p > 0.75)).toHaveLength(25)
  expect(words).toBe('coloured by rank')
})

test('a cell says what it is, its score and its cut', () => {
  const scores = scoreLayer(table([[0.42]], { method: 'ablation', metric: 'kl' }))
  const cut = { layer: 0, head: 0, method: 'zero', strength: 0.5 }
  expect(cellName(cut, scores, cut)).toBe('Layer 0 head 0, KL 0.420, ablated by zero ×0.5')
  expect(readout({ layer: 0, head: 0 }, scores, undefined)).toBe('L0H0 · KL 0.420 nats · intact')
  const mlp = { layer: 3, head: null, method: 'dataset-mean', positions: [1] }
  expect(cellName(mlp, scores, mlp)).toBe('Layer 3 MLP, ablated by dataset-mean at 1 position')
})

test('what single scores hide is said', () => {
  const cuts = [
    { layer: 0, head: 0, method: 'zero' },
    { layer: 0, head: 1, method: 'zero' },
  ]
  const alone = table([[1, 1, 0.04]], { method: 'ablation', metric: 'kl' })
  const given = table([[0, 0, 1.75]], { method: 'ablation', metric: 'kl', given: 2 })
  expect(tellRedundancy(alone, null, cuts)).toMatch(/one head at a time/)
  expect(tellRedundancy(alone, given, cuts)).toBe(
    'L0H2 matters more now that others are cut: 0.040 alone, 1.75 given the cuts, 43.8× as much. It backs them up.',
  )
  expect(tellRedundancy(alone, null, [])).toBeNull()
  expect(tellRedundancy(alone, alone, cuts)).toBeNull()
})
