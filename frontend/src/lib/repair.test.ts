import { expect, test } from 'vitest'
import { mostRepaired, partsOf, repairLayer, tellRepair, type Repair } from './repair'

const repair: Repair = {
  total: [[-0.5, 1]],
  direct: [[-2, 0.5]],
  repaired: [[1.5, 0.5]],
  layer_norm: [[0.25, 0]],
  heads: [[[[0, 1]], [[0, 0]]]],
  mlps: [[[0.25], [0.5]]],
}

test('the parts of a cut sum to its total', () => {
  const { total, ...parts } = partsOf(repair, { layer: 0, head: 0 })
  expect(Object.values(parts).reduce((a, b) => a + b)).toBe(total)
  expect(tellRepair(repair, { layer: 0, head: 0 })).toMatch(
    /75 % is made up for, by later heads, MLPs and the LayerNorm’s scale\.$/,
  )
  expect(tellRepair(repair, { layer: 0, head: 1 })).toMatch(/the same way\.$/)
})

test('what moves the same way as the loss is not said to make up for it', () => {
  const worse = { ...repair, heads: [[[[0, 1.5]], [[0, 0]]]], mlps: [[[-0.25], [0.5]]] }
  expect(tellRepair(worse, { layer: 0, head: 0 })).toMatch(
    /75 % is made up for, by later heads and the LayerNorm’s scale\.$/,
  )
})

test('what a head feeds is not taken for repair of what it writes', () => {
  const fed = { ...repair, mlps: [[[9], [0.5]]] }
  expect(tellRepair(fed, { layer: 0, head: 0 })).toMatch(/counts for more than what it writes\.$/)
})

test('the grid shows who moved, or where most is repaired', () => {
  expect(repairLayer(repair, { layer: 0, head: 0 })).toMatchObject({
    values: [[0, 1]],
    mlps: [0.25],
  })
  expect(repairLayer(repair, null).values).toEqual([[1.5, 0.5]])
  expect(mostRepaired(repair)).toEqual({ layer: 0, head: 0 })
  expect(mostRepaired({ ...repair, repaired: [[-1, 1]] })).toBeNull()
})
