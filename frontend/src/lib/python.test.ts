import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pythonTokens } from './python'

/** Any UTF-16, quotes, hashes and line ends more often than chance would have them. */
const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(10, 34, 35, 39, 92, 102))
const anyText = fc.array(unit, { maxLength: 80 }).map((units) => String.fromCharCode(...units))

test('the pieces of any text join to that text', () => {
  fc.assert(
    fc.property(anyText, (code) => {
      expect(
        pythonTokens(code)
          .map(({ text }) => text)
          .join(''),
      ).toBe(code)
    }),
  )
})

test('a line is coloured by what its words are', () => {
  expect(pythonTokens('def f(x): return "a#b" + 1.5  # why')).toEqual([
    { kind: 'keyword', text: 'def' },
    { kind: 'plain', text: ' ' },
    { kind: 'name', text: 'f' },
    { kind: 'plain', text: '(' },
    { kind: 'name', text: 'x' },
    { kind: 'plain', text: '): ' },
    { kind: 'keyword', text: 'return' },
    { kind: 'plain', text: ' ' },
    { kind: 'string', text: '"a#b"' },
    { kind: 'plain', text: ' + ' },
    { kind: 'number', text: '1.5' },
    { kind: 'plain', text: '  ' },
    { kind: 'comment', text: '# why' },
  ])
})

test('strings end where Python ends them', () => {
  const strings = (code: string) =>
    pythonTokens(code).flatMap(({ kind, text }) => (kind === 'string' ? [text] : []))
  expect(strings('"""a "b"\n c""" + f"x\\"y"')).toEqual(['"""a "b"\n c"""', 'f"x\\"y"'])
})
