import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scoresCsv, toCsv, tokensCsv } from './csv'

/** A reader of its own, so that the writer is not checked against itself. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g,
  )) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}

test('any text comes back from the file', () => {
  const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(10, 13, 32, 34, 44))
  const cell = fc.array(unit, { maxLength: 12 }).map((units) => String.fromCharCode(...units))
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { maxLength: 6 }),
      (rows) => {
        expect(parseCsv(toCsv(['a', 'b'], rows))).toEqual([['a', 'b'], ...rows])
      },
    ),
  )
})

test('a token’s spaces and newlines survive', () => {
  expect(toCsv(['token'], [[' to'], ['\n'], ['"']])).toBe('token\r\n" to"\r\n"\n"\r\n""""\r\n')
})

const provenance = {
  model: 'mini',
  revision: 'abc',
  version: '0.1',
  request: { prompt: 'Hi, "you"' },
}
const source = ['mini', 'abc', '0.1', '{"prompt":"Hi, \\"you\\""}']

test('every token has its row, and metrics stand where the token is predicted', () => {
  const csv = tokensCsv({
    provenance,
    prompt_tokens: [
      { id: 0, text: '<|endoftext|>' },
      { id: 5, text: 'Hi' },
    ],
    control: { tokens: [{ id: 6, text: ' you', logprob: -0.5 }] },
    ablated: { tokens: [{ id: 7, text: ' me', logprob: -1 }] },
    metrics: {
      per_token: [
        {
          id: 5,
          text: 'Hi',
          position: 1,
          kl: 0.1,
          control_logprob: -1,
          ablated_logprob: -2,
          top1_changed: false,
        },
        {
          id: 6,
          text: ' you',
          position: 2,
          kl: 0.2,
          control_logprob: -0.5,
          ablated_logprob: -3,
          top1_changed: true,
        },
      ],
    },
  })
  expect(parseCsv(csv).slice(1)).toEqual([
    ['prompt', '0', '0', '<|endoftext|>', '', '', '', '', '', ...source],
    ['prompt', '1', '5', 'Hi', '', '0.1', '-1', '-2', 'false', ...source],
    ['control', '2', '6', ' you', '-0.5', '0.2', '-0.5', '-3', 'true', ...source],
    ['ablated', '2', '7', ' me', '-1', '', '', '', '', ...source],
  ])
})

test('every head has its row with its cut', () => {
  const csv = scoresCsv({ provenance, method: 'kl', unit: 'nats', scores: [[0.5, 0.1]] }, [
    { layer: 0, head: 1, method: 'mean' },
  ])
  expect(parseCsv(csv)).toEqual([
    'layer head name score method unit cut model revision version request'.split(' '),
    ['0', '0', 'L0H0', '0.5', 'kl', 'nats', '', ...source],
    ['0', '1', 'L0H1', '0.1', 'kl', 'nats', 'mean', ...source],
  ])
})
