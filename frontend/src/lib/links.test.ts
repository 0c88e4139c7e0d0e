import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { METHODS } from './methods.fixture'
import { decode, KEYS, parseLink } from './url'

const page = readFileSync('../docs/links.md', 'utf8')

test('the described link means the cuts that its words say', () => {
  const [, query = ''] = /^\/\?(.*)$/m.exec(page) ?? []
  const { prompt, cuts, maxNewTokens } = decode(parseLink(query), METHODS)
  expect(prompt).toBe('When Mary and John went')
  expect(maxNewTokens).toBe(5)
  expect(cuts).toHaveLength(4)
  expect(cuts).toEqual(
    expect.arrayContaining([
      { layer: 9, head: 6, method: 'zero' },
      { layer: 9, head: 9, method: 'mean', strength: 0.5 },
      { layer: 10, head: 0, method: 'zero', positions: [10, 11, 12, 13, 14, -1] },
      { layer: 10, head: null, method: 'zero' },
    ]),
  )
})

test('every key of a link is described, and no other', () => {
  const [, table = ''] = page.split('| key | holds |')
  const described = [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, keys = '']) =>
    keys.replaceAll('`', '').split(', '),
  )
  expect(described.sort()).toEqual([...KEYS].sort())
})

test('every method has its letter there', () => {
  const [, row = ''] = /^\| method \| (.*?) \|/m.exec(page) ?? []
  expect(row).toBe(METHODS.map(({ letter }) => `\`${letter}\``).join(' '))
})
