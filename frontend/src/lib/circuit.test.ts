import { expect, test } from 'vitest'
import {
  completenessGauge,
  effectLayer,
  faithfulnessGauge,
  minimalityGauge,
  sameCircuit,
  tellShare,
  toggled,
} from './circuit'

const [a, b, c] = [
  { layer: 0, head: 1 },
  { layer: 6, head: 6 },
  { layer: 7, head: 11 },
]
const mean = (items: readonly number[]) => ({
  mean: items.reduce((sum, value) => sum + value, 0) / items.length,
  standard_error: 0,
  items,
})
const band = (values: readonly number[]) => ({
  mean: 0,
  low: Math.min(...values),
  high: Math.max(...values),
  values,
})

test('a press takes all in, or where all are in takes all out', () => {
  expect(toggled([b], [a, b])).toEqual([a, b])
  expect(toggled([a, b, c], [a, c])).toEqual([b])
  expect(sameCircuit([a, b], [b, a])).toBe(true)
  expect(sameCircuit([a, b], [a, c])).toBe(false)
})

test('the gauges are shares of the whole model and name what stands out', () => {
  const faithful = faithfulnessGauge(
    {
      whole: mean([2, 4]),
      empty: mean([0, 0]),
      circuit: mean([1, 5]),
      ratio: 1,
      ratio_interval: { low: 0.8, high: 1.3 },
      gap: 0,
      normalized: 1,
      random: band([-3, 0.3]),
    },
    'logits',
  )
  expect(faithful).toMatchObject({ headline: '100 %', values: [1], interval: [0.8, 1.3] })
  expect(faithful.text).toContain('95 % interval 80 % to 130 %')
  expect(faithful.random).toMatchObject({ low: -1, values: [-1, expect.closeTo(0.1)] })
  const complete = completenessGauge(
    {
      worst: 1.5,
      removed: [
        {
          kind: 'greedy',
          name: '',
          heads: [a, b],
          circuit: 1,
          whole: 2.5,
          gap: 1.5,
          interval: { low: 0.9, high: 1.8 },
        },
        { kind: 'random', name: '', heads: [c], circuit: 2, whole: 2, gap: 0, interval: null },
      ],
      random: null,
    },
    -3,
  )
  expect(complete).toMatchObject({ headline: '50 %', values: [0.5] })
  expect(complete.interval).toEqual([expect.closeTo(0.3), expect.closeTo(0.6)])
  expect(complete.text).toContain('without L0H1, L6H6: the circuit does +1.00')
  const needed = (head: typeof a, value: number) => ({
    head,
    effect: -value,
    interval: null,
    value,
    without: [],
  })
  const minimal = minimalityGauge(
    { heads: [needed(b, 2), needed(a, 1), needed(c, 0.01)], superfluous: [c], random: null },
    3,
  )
  expect(minimal.headline).toBe('2 of 3')
  expect(minimal.text).toContain('One adds less than 1 %: L7H11')
})

test('the grid shows what the circuit loses without a head, and nothing of the others', () => {
  const layer = effectLayer(
    {
      heads: [{ head: a, effect: -0.5, interval: null, value: 0.5, without: [] }],
      superfluous: [],
      random: null,
    },
    'logits',
    { nLayers: 2, nHeads: 2 },
  )
  expect(layer.values).toEqual([
    [null, 0.5],
    [null, null],
  ])
})

test('shares are read in percent', () => {
  expect([0.9352, 0.0042, -0.12, 1.004, 0].map(tellShare)).toEqual([
    '94 %',
    '0.4 %',
    '−12 %',
    '100 %',
    '0 %',
  ])
})
