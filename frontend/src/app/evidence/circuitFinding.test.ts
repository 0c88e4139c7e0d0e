import { expect, test } from 'vitest'
import type { Run, RunResults } from '@/api/types'
import { circuitFinding, findingLayer, findingLink } from './circuitFinding'

const run: Run = {
  id: 'a1',
  title: '',
  state: 'running',
  total: 1,
  done: 0,
  seconds: 1,
  seconds_left: null,
  why: null,
  task: 'ioi',
  seed: 3,
  parameters: {},
  analysis: { name: 'circuit_search', target: 0.5, ablation_method: 'mean' },
  meaning: '',
  model: 'gpt2',
  revision: '',
  version: '',
  created: '',
  ended: null,
  expires: '',
}
const heads = [
  { layer: 0, head: 1 },
  { layer: 1, head: 0 },
]
const step = {
  head: { layer: 1, head: 0 },
  added: true,
  size: 2,
  value: 1,
  ratio: 0.6,
  estimated: 1,
  effect: 1,
  tried: 4,
}
const results = (found: RunResults['found'], analysis = run.analysis): RunResults => ({
  run: { ...run, analysis },
  summary: null,
  found,
})

test('a search is told step by step, with its best so far, and then with what it found', () => {
  expect(circuitFinding(results(null))).toBeNull()
  expect(circuitFinding(results({ steps: [step], best: null, done: 0.1 }))).toMatchObject({
    kind: 'search',
    isOver: false,
    steps: [step],
    heads: null,
    target: 0.5,
  })
  const over = circuitFinding(results({ steps: [step], heads }))
  expect(over).toMatchObject({ isOver: true, heads })
  expect(over && findingLayer(over, { nLayers: 2, nHeads: 2 })?.values).toEqual([
    [null, 1],
    [1, null],
  ])
})

test('a test has its heads from the request until its result is there', () => {
  const asked = { name: 'circuit', heads: ['L0H1', 'L1H0'] }
  const early = circuitFinding(results({ faithfulness: null, done: 0 }, asked))
  expect(early).toMatchObject({ kind: 'test', isOver: false, heads, minimality: null })
  expect(early && findingLayer(early, { nLayers: 2, nHeads: 2 })).toBeNull()
})

test('the Circuit view is asked of the same items', () => {
  const found = { heads, provenance: { request: { n: 7 } } }
  expect(findingLink(results(found), heads)).toEqual({
    n: '7',
    seed: '3',
    heads: 'L0H1.L1H0',
    by: 'mean',
    m: 'gpt2',
    v: '1',
  })
  expect(findingLink({ ...results(found), run: { ...run, seed: null } }, heads)).toBeNull()
})
