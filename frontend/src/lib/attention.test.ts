import { expect, test } from 'vitest'
import { largestChange, patternTable, strongestKeys, tellCell, tellMethod } from './attention'
import { METHODS } from './methods.fixture'

const control = [
  [1, 0],
  [0.25, 0.75],
]
const zero = [
  [0, 0],
  [0, 0],
]
const tokens = ['␣Mary', '␣John']

test('a cell reads as who looks at whom in both runs', () => {
  const pair = { method: 'zero', control, ablated: zero } as const
  expect(tellCell(pair, tokens, { row: 1, column: 0 })).toBe(
    '␣John (1) looks at ␣Mary (0): 25 % control, 0 % under surgery.',
  )
})

test('the strongest keys come first and empty ones not at all', () => {
  expect(strongestKeys([0.1, 0, 0.6, 0.3], 3)).toEqual([2, 3, 0])
  expect(strongestKeys([1, 0])).toEqual([0])
})

test('a pattern says why it differs', () => {
  expect(tellMethod({ method: 'mean', control, ablated: zero }, METHODS)).toBe(
    'Cut by mean: The head attends uniformly to every token its query may see.',
  )
  expect(tellMethod({ method: null, control, ablated: control }, METHODS)).toContain(
    'nothing cut before',
  )
  expect(
    tellMethod(
      {
        method: null,
        control,
        ablated: [
          [1, 0],
          [0.5, 0.5],
        ],
      },
      METHODS,
    ),
  ).toContain('25 %')
  expect(largestChange({ method: null, control, ablated: zero })).toBe(1)
})

test('the table lists queries with what they look at', () => {
  expect(patternTable(control, zero, tokens).rows).toEqual([
    ['␣Mary (0)', '␣Mary (0)', '1.00', '0'],
    ['␣John (1)', '␣John (1)', '0.750', '0'],
    ['␣John (1)', '␣Mary (0)', '0.250', '0'],
  ])
})
