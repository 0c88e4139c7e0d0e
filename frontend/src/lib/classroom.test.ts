import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEFAULT_EXPERIMENT } from './experiment'
import { FIXED_KEYS, fixedOf, holds, linkOfAnswer, linkOfClass } from './classroom'
import { METHODS } from './methods.fixture'
import { decode, encode, parseLink } from './url'

const asked = parseLink('?p=When+Mary&n=3&seed=7&m=mini&v=2')
const fixed = fixedOf(decode(asked, METHODS))

test('cuts and what is looked at are free, and nothing else', () => {
  const mine = decode(parseLink('?p=When+Mary&cut=L9H6z&n=3&seed=7&m=mini&tab=lens'), METHODS)
  expect(holds(mine, fixed)).toBe(true)
  for (const change of [
    { prompt: 'When Ann' },
    { model: 'other' },
    { maxNewTokens: 4 },
    { temperature: 1 },
    { topK: 5 },
    { seed: null },
    { prependBos: false },
  ]) {
    expect(holds({ ...mine, ...change }, fixed), JSON.stringify(change)).toBe(false)
  }
})

test('a class that names no model takes the server’s', () => {
  const open = fixedOf(decode(parseLink('?p=When+Mary'), METHODS))
  expect(holds({ ...DEFAULT_EXPERIMENT, prompt: 'When Mary', model: 'any' }, open)).toBe(true)
})

test('a class begins without cuts unless they are asked for', () => {
  const link = parseLink('?p=x&cut=L9H6r~1&set1.source=y&saved=s&class=c&at=L1H1&tok=c0&n=3&v=2')
  expect(linkOfClass(link, false)).toEqual({ p: 'x', n: '3', v: '2' })
  expect(linkOfClass(link, true)).toMatchObject({ cut: 'L9H6r~1', 'set1.source': 'y' })
})

test('what is handed in has the class’s own words for what is fixed, and one’s own cuts', () => {
  const mine = parseLink('?p=When+Mary&n=3&seed=7&m=mini&cut=L9H6z&class=c&saved=s&v=2')
  expect(linkOfAnswer(mine, asked)).toEqual({ ...asked, cut: 'L9H6z' })
  // Whatever the page writes down that the class does not say.
  const silent = parseLink('?p=When+Mary')
  expect(linkOfAnswer(mine, silent)).toEqual({ p: 'When Mary', cut: 'L9H6z', v: '2' })
})

test('the server fixes the same keys', () => {
  const source = readFileSync('../attention_surgery/service/classes.py', 'utf8')
  const [, list = ''] = /^FIXED = \((.*)\)$/m.exec(source) ?? []
  expect(list.replaceAll('"', '').split(', ')).toEqual([...FIXED_KEYS])
})

test('the fixed keys are those of the fixed settings', () => {
  const changed = { ...DEFAULT_EXPERIMENT, ...fixed, temperature: 1, topK: 5, prependBos: false }
  const keys = Object.keys(encode(changed, METHODS)).filter((key) => key !== 'v')
  expect(keys.sort()).toEqual([...FIXED_KEYS].sort())
})
