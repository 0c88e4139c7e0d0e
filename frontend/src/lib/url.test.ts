import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_EXPERIMENT, METRICS, SCORES, STREAMS, TABS, type Experiment } from './experiment'
import { cutAt, effectOf, type Cut, type Effect } from './cuts'
import { MARKINGS } from './headKinds'
import { byPosition, headName } from './heads'
import { METHODS } from './methods.fixture'
import oldLinks from './old-links.json'
import { decode, encode, parseLink, writeLink } from './url'

const index = fc.integer({ min: 0, max: 9999 })
const head = fc.record({ layer: index, head: index })
const site = fc.record({ layer: index, head: fc.option(index) })
const text = fc.string({ unit: 'binary', maxLength: 30 })

const effect: fc.Arbitrary<Effect> = fc
  .record({
    method: fc.constantFrom(...METHODS),
    strength: fc.integer({ min: -200, max: 200 }).map((n) => n / 100),
    positions: fc.option(
      fc.uniqueArray(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 20 }),
      { nil: undefined },
    ),
    texts: fc.array(text, { minLength: 1, maxLength: 3 }),
  })
  .map(({ method, texts, ...rest }) => {
    const [parameter] = method.parameters
    const value = parameter?.kind === 'prompts' ? texts : (texts[0] ?? '')
    return effectOf({
      method: method.name,
      ...rest,
      parameters: parameter ? { [parameter.name]: value } : {},
    })
  })
const cut: fc.Arbitrary<Cut> = fc.tuple(site, effect).map(([at, does]) => cutAt(at, does))

const experiments: fc.Arbitrary<Experiment> = fc.record({
  prompt: fc.string({ unit: 'binary', maxLength: 300 }),
  example: fc.option(fc.string({ unit: 'grapheme', minLength: 1 })),
  cuts: fc
    .uniqueArray(cut, { selector: headName, maxLength: 20 })
    .map((cuts) => cuts.sort(byPosition)),
  brush: effect,
  unread: fc.constant(DEFAULT_EXPERIMENT.unread),
  maxNewTokens: fc.nat(),
  temperature: fc.double({ min: 0, max: 100, noNaN: true }),
  topK: fc.option(fc.integer({ min: 1 })),
  seed: fc.option(fc.maxSafeNat()),
  prependBos: fc.boolean(),
  model: fc.option(fc.string({ unit: 'grapheme', minLength: 1 })),
  score: fc.constantFrom(...SCORES),
  metric: fc.option(fc.constantFrom(...METRICS)),
  answer: fc.option(fc.string({ unit: 'grapheme', minLength: 1 })),
  foil: fc.option(fc.string({ unit: 'grapheme', minLength: 1 })),
  given: fc.boolean(),
  marks: fc.constantFrom(...MARKINGS),
  tab: fc.constantFrom(...TABS),
  focus: fc.option(head),
  token: fc.option(fc.record({ stream: fc.constantFrom(...STREAMS), index: fc.nat(999_999) })),
  saved: fc.option(fc.stringMatching(/^[\w-]{1,64}$/)),
  classroom: fc.option(fc.stringMatching(/^[\w-]{1,64}$/)),
})

test('an experiment survives the address bar', () => {
  fc.assert(
    fc.property(experiments, (experiment) => {
      const link = encode(experiment, METHODS)
      expect(decode(link, METHODS)).toEqual(experiment)
      // … and as the whole address, the way a browser normalizes it.
      const { search } = new URL(`http://localhost/${writeLink(link)}`)
      expect(parseLink(search)).toEqual(link)
      expect(decode(parseLink(search), METHODS)).toEqual(experiment)
    }),
    { numRuns: 500 },
  )
})

test('any query reads as some experiment that survives', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (search) => {
      const experiment = decode(parseLink(search), METHODS)
      expect(decode(encode(experiment, METHODS), METHODS)).toEqual(experiment)
    }),
  )
})

test('a link keeps its cuts and brush through a page that knows no methods yet', () => {
  fc.assert(
    fc.property(experiments, (experiment) => {
      const blind = encode(decode(encode(experiment, METHODS), []), [])
      expect(decode(blind, METHODS)).toEqual(experiment)
    }),
  )
})

test.each(oldLinks)('the old link $link means what it meant', ({ link, means }) => {
  const experiment = decode(parseLink(link), METHODS)
  expect(experiment).toMatchObject(means)
  expect(decode(encode(experiment, METHODS), METHODS)).toEqual(experiment)
  const blind = encode(decode(parseLink(link), []), [])
  expect(decode(blind, METHODS)).toEqual(experiment)
})

test('the query is short and readable', () => {
  const experiment: Experiment = {
    ...DEFAULT_EXPERIMENT,
    prompt: 'When Mary and John went to the store, John gave a drink to',
    cuts: [
      { layer: 9, head: 6, method: 'zero', strength: 0.5 },
      { layer: 9, head: null, method: 'zero', positions: [10, 11, 12, -1] },
      { layer: 10, head: 0, method: 'dataset-mean', parameters: { references: ['One', 'Two'] } },
      { layer: 10, head: 7, method: 'dataset-mean', parameters: { references: ['One', 'Two'] } },
    ],
    token: { stream: 'control', index: 3 },
  }
  expect(writeLink(encode(experiment, METHODS))).toBe(
    '?p=When+Mary+and+John+went+to+the+store,+John+gave+a+drink+to' +
      '&cut=L9H6z*0.5.M9z@10-12,-1.L10H0d~1.L10H7d~1&tok=c3' +
      '&set1.references=One&set1.references=Two&v=2',
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
  ['?metric=love', 'metric'],
] as const)('%s falls back to the default', (search, field) => {
  expect(decode(parseLink(search), METHODS)[field]).toEqual(DEFAULT_EXPERIMENT[field])
})

test('cuts that cannot be read stay in the link, with their texts', () => {
  const link = '?cut=L1H2z.L3.L4H5q~4.L6H7z*3&with=q*0.5&set4.words=Some+text&v=2'
  const { cuts, unread, ...rest } = decode(parseLink(link), METHODS)
  expect(cuts).toEqual([{ layer: 1, head: 2, method: 'zero' }])
  expect(unread.cuts).toEqual(['L3', 'L4H5q~4', 'L6H7z*3'])
  const other: Cut = { layer: 8, head: 0, method: 'resample', parameters: { source: 'New' } }
  const again = decode(encode({ ...rest, cuts: [...cuts, other], unread }, METHODS), METHODS)
  expect(again.cuts).toEqual([...cuts, other])
  expect(again.unread).toEqual(unread)
})

test('what is all default and has no prompt to write is an empty query', () => {
  expect(writeLink(encode(DEFAULT_EXPERIMENT, METHODS, { withPrompt: false }))).toBe('')
})

test('a prompt that is absent is the default; one that is empty is empty', () => {
  const standard = { ...DEFAULT_EXPERIMENT, prompt: 'Example' }
  expect(decode({}, METHODS, standard).prompt).toBe('Example')
  expect(decode({ p: '' }, METHODS, standard).prompt).toBe('')
})
