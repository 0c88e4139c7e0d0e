import { expect, test } from 'vitest'
import {
  evidenceMarks,
  evidenceOf,
  meanLayer,
  tellEvidence,
  tellHead,
  tellRun,
  type Summary,
} from './evidence'

const summary: Summary = {
  n: 20,
  mean: [[0.1, -2, 1]],
  standard_error: [[0.2, 0.1, 0.1]],
  low: [[-0.2, -2.5, 0.1]],
  high: [[0.4, -1.5, 1.9]],
  same_sign: [[0.6, 1, 0.75]],
  adjusted_p: [[1, 0.0004, 0.2]],
  resamples: 2000,
  permutations: 10_000,
}

test('heads come by the size of their mean; what stands the test is marked otherwise than an interval', () => {
  const heads = evidenceOf(summary)
  expect(heads.map(({ head }) => head.head)).toEqual([1, 2, 0])
  const marks = evidenceMarks(heads)
  expect(marks.get('L0H1')).toEqual([{ title: 'Stands the test', shape: 'diamond', weak: false }])
  expect(marks.get('L0H2')?.[0]?.weak).toBe(true)
  expect(marks.has('L0H0')).toBe(false)
  expect(tellEvidence(summary, heads)).toBe(
    'Over 20 items 1 of 3 heads stands the test against zero: L0H1 (−2.00).',
  )
  const six = { ...summary, mean: [[6, 5, 4, 3, 2, 1]], adjusted_p: [[0, 0, 0, 0, 0, 0]] }
  expect(tellEvidence(six, evidenceOf(six))).toMatch(
    /L0H0 \(\+6\.00\), .*, L0H3 \(\+3\.00\) and 2 more\.$/,
  )
  expect(tellHead(heads[0]!)).toBe(
    'L0H1: mean −2.00, 95 % interval −2.50 to −1.50, of this sign in 100 % of the items, stands the test (p < 0.001)',
  )
})

test('a single item has no interval, and nothing of it stands', () => {
  const one = { ...summary, n: 1, low: null, high: null, adjusted_p: [[1, 1, 1]] }
  const heads = evidenceOf(one)
  expect(heads.every(({ interval, stands }) => interval === null && !stands)).toBe(true)
  expect(tellEvidence(one, heads)).toMatch(/it takes more items\.$/)
  expect(meanLayer(one, 'mean', 'the score').ends).toBe('mean over 1 item: the score')
})

test('a run says how far it is, and why it ended', () => {
  const run = {
    state: 'running',
    done: 3,
    total: 10,
    seconds: 4,
    seconds_left: 200,
    why: null,
  } as const
  expect(tellRun(run)).toBe('3 of 10 items, about 3 min left.')
  expect(tellRun({ ...run, state: 'failed', why: 'The disk is full.' })).toBe(
    'It failed after 3 of 10 items: The disk is full.',
  )
  expect(tellRun({ ...run, state: 'cancelled' })).toBe('Stopped after 3 of 10 items.')
  const analysis = { name: 'circuit_search' }
  expect(tellRun({ ...run, state: 'done', analysis })).toMatch(/^All items together, in /)
  expect(tellRun({ ...run, state: 'cancelled', analysis })).toBe('Stopped.')
})
