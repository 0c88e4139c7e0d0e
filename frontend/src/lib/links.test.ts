import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeCircuit, readCircuitLink } from './circuitLink'
import { decodeEvidence, readEvidenceLink } from './evidenceLink'
import { METHODS } from './methods.fixture'
import { decodePatch, parsePatchLink } from './patchLink'
import { parseQuery } from './query'
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

test('the described links of the other views mean what their tables say', () => {
  const link = (view: string) => new RegExp(`^/${view}(\\?.*)$`, 'm').exec(page)?.[1] ?? ''
  expect(decodePatch(parsePatchLink(link('patch')), METHODS)).toMatchObject({
    prompt: 'When Mary and John went',
    corrupt: 'When John and Mary went',
    component: 'pattern',
    focus: { layer: 6, head: 6 },
  })
  const asked = { task: 'ioi', n: 20, measure: 'z' }
  expect(decodeEvidence(readEvidenceLink(parseQuery(link('evidence'))))).toMatchObject(asked)
  const { heads, n } = decodeCircuit(readCircuitLink(parseQuery(link('circuit'))))
  expect([heads?.length, n]).toEqual([3, 30])
})
