import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_EXPERIMENT, SCORES, STREAMS, TABS, type Experiment } from './experiment'
import { ABLATION_METHODS, headName } from './heads'
import { decode, encode } from './url'

const index = fc.integer({ min: 0, max: 9999 })
const head = fc.record({ layer: index, head: index })
const cut = fc.record({
  layer: index,
  head: index,
  method: fc.constantFrom(...ABLATION_METHODS),
})

const experiments: fc.Arbitrary<Experiment> = fc.record({
  prompt: fc.string({ unit: 'binary', maxLength: 300 }),
  cuts: fc.uniqueArray(cut, { selector: headName, maxLength: 20 }),
  method: fc.constantFrom(...ABLATION_METHODS),
  maxNewTokens: fc.nat(),
  temperature: fc.double({ min: 0, max: 100, noNaN: true }),
  topK: fc.option(fc.integer({ min: 1 })),
  seed: fc.option(fc.maxSafeNat()),
  prependBos: fc.boolean(),
  model: fc.option(fc.string({ unit: 'grapheme', minLength: 1 })),
  score: fc.constantFrom(...SCORES),
  tab: fc.constantFrom(...TABS),
  focus: fc.option(head),
  token: fc.option(fc.record({ stream: fc.constantFrom(...STREAMS), index: fc.nat(999_999) })),
})

test('an experiment survives the address bar', () => {
  fc.assert(
    fc.property(experiments, (experiment) => {
      expect(decode(encode(experiment))).toEqual(experiment)
      // … and as the whole address, the way a browser normalizes it.
      const { search } = new URL(`http://localhost/${encode(experiment)}`)
      expect(decode(search)).toEqual(experiment)
    }),
    { numRuns: 500 },
  )
})

test('any query reads as some experiment that survives', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (search) => {
      const experiment = decode(search)
      expect(decode(encode(experiment))).toEqual(experiment)
    }),
  )
})

test('the query is short and readable', () => {
  const experiment: Experiment = {
    ...DEFAULT_EXPERIMENT,
    prompt: 'When Mary and John went to the store, John gave a drink to',
    cuts: [
      { layer: 9, head: 6, method: 'zero' },
      { layer: 10, head: 0, method: 'mean' },
    ],
    token: { stream: 'control', index: 3 },
  }
  expect(encode(experiment)).toBe(
    '?p=When+Mary+and+John+went+to+the+store,+John+gave+a+drink+to&cut=L9H6z.L10H0m&tok=c3',
  )
})

test.each([
  ['?n=-1', 'maxNewTokens'],
  ['?n=2.5', 'maxNewTokens'],
  ['?t=NaN', 'temperature'],
  ['?t=', 'temperature'],
  ['?k=0', 'topK'],
  ['?seed=-3', 'seed'],
  ['?tok=x3', 'token'],
  ['?at=L1', 'focus'],
  ['?by=gradients', 'score'],
] as const)('%s falls back to the default', (search, field) => {
  expect(decode(search)[field]).toEqual(DEFAULT_EXPERIMENT[field])
})

test('a head named twice is cut once, unreadable ones are left out', () => {
  expect(decode('?cut=L1H2z.L1H2m.L3.L4H5q.L4H5p').cuts).toEqual([
    { layer: 1, head: 2, method: 'zero' },
    { layer: 4, head: 5, method: 'previous' },
  ])
})

test('what is all default and has no prompt to write is an empty query', () => {
  expect(encode(DEFAULT_EXPERIMENT, { withPrompt: false })).toBe('')
})

test('a prompt that is absent is the default; one that is empty is empty', () => {
  const standard = { ...DEFAULT_EXPERIMENT, prompt: 'Example' }
  expect(decode('', standard).prompt).toBe('Example')
  expect(decode('?p=', standard).prompt).toBe('')
})
