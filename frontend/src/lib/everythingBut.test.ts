import { expect, test } from 'vitest'
import { effectOn as effectOf, everythingBut } from './everythingBut'
import { methodNamed } from './methods'
import { METHODS } from './methods.fixture'

const effectOn = (name: string, ...rest: [Item, readonly Item[]]) =>
  effectOf(methodNamed(METHODS, name)!, ...rest)
type Item = ReturnType<typeof item>

const item = (prompt: string, n_tokens: number, corrupt: string | null = `not ${prompt}`) => ({
  prompt,
  n_tokens,
  corrupt,
})
const items = [item('a', 9), item('b', 9), item('c', 12), item('a', 9)]

test('the mean is over the corrupt prompts of items as long, each once', () => {
  expect(effectOn('dataset-mean', items[0]!, items)).toEqual({
    method: 'dataset-mean',
    parameters: { references: ['not a', 'not b'] },
  })
  expect(effectOn('dataset-mean', item('d', 20, null), items)?.parameters).toEqual({
    references: ['not a', 'not b', 'not c'],
  })
  expect(effectOn('dataset-mean', item('d', 20, null), [item('d', 20, null)])).toBeNull()
})

test('what is resampled comes from the item’s own corrupt prompt, and zero needs nothing', () => {
  expect(effectOn('resample', items[2]!, items)?.parameters).toEqual({ source: 'not c' })
  expect(effectOn('resample', item('d', 9, null), items)).toBeNull()
  expect(effectOn('zero', items[0]!, items)).toEqual({ method: 'zero' })
})

test('every head is cut but those of the circuit, and no MLP', () => {
  const circuit = [
    { layer: 0, head: 1 },
    { layer: 2, head: 0 },
  ]
  const cuts = everythingBut(circuit, { nLayers: 3, nHeads: 2 }, { method: 'zero' })
  expect(cuts.map(({ layer, head }) => `${layer}.${head}`)).toEqual(['0.0', '1.0', '1.1', '2.1'])
})
