import { expect, test } from 'vitest'
import {
  interactionLayer,
  knownPairs,
  partnersOf,
  tellPartners,
  withPairs,
  withSingles,
} from './interactions'

const heads = [0, 1].flatMap((layer) => [0, 1].map((head) => ({ layer, head })))

test('pairs come in any order and are symmetric', () => {
  const some = withPairs(withSingles({ heads, singles: [-1, -0.5, 0, 0] }), {
    pairs: [
      [0, 1],
      [0, 2],
    ],
    interactions: [-2, 0.25],
  })!
  expect(knownPairs(some)).toBe(2)
  expect(some.interactions[1]).toEqual([-2, 0, null, null])
  const layer = interactionLayer(some, { layer: 0, head: 0 }, 'logit_difference', {
    nLayers: 2,
    nHeads: 2,
  })
  expect(layer.values).toEqual([
    [null, -2],
    [0.25, null],
  ])
  expect(partnersOf(some, { layer: 0, head: 0 }).map(({ value }) => value)).toEqual([-2, 0.25])
  expect(tellPartners(some, { layer: 0, head: 0 }, 'logit difference')).toBe(
    'Cut alone, L0H0 changes the logit difference by −1.00 and L0H1 by −0.500; both together by −3.50, −2.00 beyond the sum. So they back each other up: together they are missed more than one by one.',
  )
})

test('pairs before their heads are known are nothing', () => {
  expect(withPairs(null, { pairs: [[0, 1]], interactions: [1] })).toBeNull()
})
