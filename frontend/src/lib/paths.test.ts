import { expect, test } from 'vitest'
import { pathLayer, pathsOf, tellPaths, withPaths, type Paths } from './paths'

const shape = { nLayers: 2, nHeads: 2 }
const head = { layer: 1, head: 0 }
const heads = [0, 1].flatMap((layer) => [0, 1].map((each) => ({ layer, head: each })))

const into: Paths = {
  clean: 3,
  corrupt: -1,
  senders: heads,
  receivers: (['q', 'k'] as const).map((input) => ({ ...head, input })),
  effects: [[-2, 1, 0, 0], null],
}

test('a path carries the share that patching it takes away; where none leads there is no number', () => {
  expect(pathLayer(into, head, 'q', 'into', 'logit_difference', shape).values).toEqual([
    [0.5, -0.25],
    [null, null],
  ])
  expect(pathLayer(into, head, 'k', 'into', 'logit_difference', shape).values).toEqual([
    [null, null],
    [null, null],
  ])
  expect(tellPaths(into, head, 'into', 'logit_difference')).toBe(
    'L0H0 feeds the q of L1H0 most: that path carries 50 % of the logit difference.',
  )
})

test('from a head its paths lead to later inputs and to the logits', () => {
  const from: Paths = {
    ...into,
    senders: [{ layer: 0, head: 1 }],
    receivers: [{ ...head, input: 'v' }, { layer: 0, head: 0, input: 'v' }, 'logits'],
    effects: [[-1], [0], [-3]],
  }
  expect(pathsOf(from)).toHaveLength(2)
  const layer = pathLayer(from, { layer: 0, head: 1 }, 'v', 'from', 'logit_difference', shape)
  expect(layer.values[1]).toEqual([0.25, null])
  expect(tellPaths(from, { layer: 0, head: 1 }, 'from', 'logit_difference')).toBe(
    'Straight to the logits L0H1 carries 75 % of the logit difference; its strongest other path, to L1H0 v, 25 %.',
  )
})

test('rows come in any order', () => {
  const one = withPaths(null, { clean: 3, corrupt: -1, rows: [1], effects: [[4]] })
  expect(one.effects).toEqual([null, [4]])
  expect(withPaths(one, { clean: 3, corrupt: -1, rows: [0], effects: [[5]] }).effects).toEqual([
    [5],
    [4],
  ])
})
