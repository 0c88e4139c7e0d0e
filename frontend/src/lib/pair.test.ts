import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pairTokens, tellDifference, tellMismatch } from './pair'

const tokens = (text: string) =>
  text
    .split(/(?= )/)
    .map((piece) => ({ id: [...piece].reduce((h, c) => h * 31 + c.charCodeAt(0), 7), text: piece }))

test('equal lengths pair by position and mark what differs', () => {
  const pairing = pairTokens(tokens('Mary saw John so John'), tokens('Mary saw John so Mary'))
  expect(pairing.differing).toEqual([4])
  expect(tellMismatch(pairing)).toBeNull()
  expect(tellDifference(pairing)).toBe('They differ in 1 of 5 tokens: ␣John → ␣Mary.')
})

test('a longer prompt keeps its equal ends under each other and says where it parts', () => {
  const pairing = pairTokens(tokens('The tower is in'), tokens('The big tower is in'))
  expect(pairing.columns.map(({ clean, corrupt }) => [clean?.text, corrupt?.text])).toEqual([
    ['The', 'The'],
    [undefined, ' big'],
    [' tower', ' tower'],
    [' is', ' is'],
    [' in', ' in'],
  ])
  expect(tellMismatch(pairing)).toBe(
    'Clean has 4 tokens, corrupt 5; they part at position 1: nothing against “␣big”. Runs are compared position by position: choose words of as many tokens.',
  )
})

test('the same prompt twice has nothing to trace', () => {
  expect(tellMismatch(pairTokens(tokens('One day'), tokens('One day')))).toMatch(/are the same/)
})

test('every token of both stands in its order, whatever the texts', () => {
  const text = fc.array(fc.integer({ min: 0, max: 3 }).map((id) => ({ id, text: String(id) })))
  fc.assert(
    fc.property(text, text, (clean, corrupt) => {
      const { columns } = pairTokens(clean, corrupt)
      expect(columns.flatMap((column) => column.clean ?? [])).toEqual(clean)
      expect(columns.flatMap((column) => column.corrupt ?? [])).toEqual(corrupt)
    }),
  )
})
