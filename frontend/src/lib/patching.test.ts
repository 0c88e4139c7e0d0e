import { expect, test } from 'vitest'
import { valueAt } from './layer'
import {
  cellsOf,
  cellsOfHeads,
  effectsAt,
  effectWords,
  isCheap,
  patchLayer,
  ranked,
  tellEnds,
  tellPasses,
  tellTop,
  withProgress,
  type Asked,
  type Patched,
} from './patching'

const asked: Asked = { component: 'z', direction: 'denoise', metric: 'logit_difference' }
const patched: Patched = {
  clean: 3,
  corrupt: -1,
  cells: cellsOf(
    [
      [-1, 1],
      [3, -2],
    ],
    true,
  ),
}

test('0 is as the run that is patched, 1 as the other, whichever way', () => {
  const layer = patchLayer(asked, patched)
  expect(layer.values).toEqual([
    [0, 0.5],
    [1, -0.25],
  ])
  expect(layer.ends).toBe('share of the logit difference restored')
  expect(patchLayer({ ...asked, direction: 'noise' }, patched).values).toEqual([
    [1, 0.5],
    [0, 1.25],
  ])
  expect(effectWords({ ...asked, direction: 'noise' }, patched)).toMatch(/destroyed$/)
})

test('runs that hardly differ show changes, no shares', () => {
  const close: Patched = { clean: 1, corrupt: 1.0001, cells: cellsOf([[1.5]], true) }
  expect(patchLayer(asked, close)).toMatchObject({ unit: 'logits' })
  expect(valueAt(patchLayer(asked, close), { layer: 0, head: 0 })).toBeCloseTo(0.4999)
  expect(effectWords(asked, close)).toBe('change of the logit difference')
})

test('an answer of chosen heads stands where they stand among all', () => {
  const cells = cellsOfHeads([[1, 3]], [{ layer: 2, head: 1 }])
  const ends = { clean: 3, corrupt: -1 }
  expect(effectsAt(asked, { ...ends, cells }, { layer: 2, head: 1 })).toEqual([[0.5, 1]])
  expect(effectsAt(asked, { ...ends, cells }, { layer: 1, head: 1 })).toEqual([[]])
})

test('what takes a fraction of a second is asked for ahead, what takes longer is not', () => {
  const taken = { passes: { computed: 72 }, prompt_tokens: Array.from({ length: 16 }) }
  expect(isCheap(taken, { n_parameters: 6e6 })).toBe(true)
  expect(isCheap(taken, { n_parameters: 124e6 })).toBe(false)
  expect(isCheap(taken, null)).toBe(false)
})

test('what it took is told in passes, beside what a loop takes', () => {
  expect(tellPasses({ computed: 70.4, naive: 146 })).toBe(
    'Exact, for the work of 70 forward passes; with one hooked pass for each number it takes 146.',
  )
  expect(tellPasses({ computed: 0.4, naive: 171 })).toContain('the work of 1 forward pass;')
})

test('answers of layers and of positions have one shape', () => {
  expect(cellsOf([1, 2], false)).toEqual([[[1]], [[2]]])
  expect(cellsOf([[1, 2]], false)).toEqual([[[1, 2]]])
  expect(
    cellsOf(
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      true,
    ),
  ).toEqual([
    [
      [1, 2],
      [3, 4],
    ],
  ])
})

test('events fill in layer after layer and position after position', () => {
  const event = { clean: 3, corrupt: -1, layers: [1], position: null, values: [[3, 1]] }
  const one = withProgress(null, event)
  expect(patchLayer(asked, one).values).toEqual([[], [1, 0.5]])
  const at = withProgress(withProgress(null, { ...event, position: 2 }), { ...event, position: 0 })
  expect(effectsAt(asked, at, { layer: 1, head: 0 })).toEqual([[1, null, 1]])
  expect(effectsAt(asked, at, null)).toEqual([[], [1, null, 1]])
})

test('what does most is named', () => {
  const effects = ranked(asked, patched, true)
  expect(effects.map(({ name }) => name)).toEqual(['L1H0', 'L0H1', 'L1H1', 'L0H0'])
  expect(tellTop(asked, patched, effects)).toBe(
    'Alone, L1H0 restores 100 %, L0H1 50 %, L1H1 −25 %.',
  )
  expect(tellEnds(asked, patched)).toBe(
    'The logit difference is 3.00 logits in the clean run and −1.00 in the corrupt one.',
  )
  const none = { ...patched, cells: cellsOf([[-1, -1]], true) }
  expect(tellTop(asked, none, ranked(asked, none, true))).toMatch(/^Nothing/)
})
