import { expect, test } from 'vitest'
import { number, percent, probability, visible, visibleAt } from './format'

test('a probability is read as a share, never as a power of ten', () => {
  const shares = [1, 0.9951, 0.43, 0.0432, 0.0004, 1.1e-10, 0].map(percent)
  expect(shares).toEqual(['100 %', '100 %', '43 %', '4.3 %', '0.04 %', '<0.01 %', '0 %'])
  // So small that it cannot be told from nothing is not nothing.
  expect([-25, -900].map(probability)).toEqual(['<0.01 %', '<0.01 %'])
})

test('numbers have three digits or so, and a minus that is one', () => {
  const read = [0, 0.42, 1.234, 56.78, 1234.5, -0.5, 1.1e-10, NaN].map(number)
  expect(read).toEqual(['0', '0.420', '1.23', '56.8', '1235', '−0.500', '1.1e−10', '–'])
})

test('what cannot be seen is shown, the marks of a text’s ends in plain words', () => {
  expect(visible(' a\n\tb')).toBe('␣a⏎⇥b')
  // A byte that is half a character, as the server names it.
  expect(visible('\\xe2\\x98')).toBe('\\xe2\\x98')
  const mark = '<|endoftext|>'
  expect([visible(mark), visibleAt(mark, 0), visibleAt(mark, 3)]).toEqual([
    '⟨end⟩',
    '⟨start⟩',
    '⟨end⟩',
  ])
})
