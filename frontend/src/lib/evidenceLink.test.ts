import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeEvidence,
  encodeEvidence,
  EVIDENCE_TABS,
  MEASURES,
  readEvidenceLink,
} from './evidenceLink'
import { MARKINGS } from './headKinds'
import { parseQuery, writeQuery } from './query'

const text = fc.option(fc.string({ minLength: 1, maxLength: 12 }))
const questions = fc.record({
  task: text,
  parameters: fc.dictionary(
    fc.string({ minLength: 1, maxLength: 5 }),
    fc.oneof(fc.string(), fc.integer()),
  ),
  n: fc.integer({ min: 1, max: 10_000 }),
  seed: fc.maxSafeNat(),
  measure: fc.constantFrom(...MEASURES),
  model: text,
  run: text,
  against: text,
  tab: fc.constantFrom(...EVIDENCE_TABS),
  focus: fc.option(fc.record({ layer: fc.nat(11), head: fc.nat(11) })),
  marks: fc.constantFrom(...MARKINGS),
})

test('every question comes back from its link', () => {
  fc.assert(
    fc.property(questions, (question) => {
      const link = readEvidenceLink(parseQuery(writeQuery(encodeEvidence(question))))
      expect(decodeEvidence(link)).toEqual(question)
    }),
  )
})

test('what cannot be read falls back', () => {
  expect(decodeEvidence({ n: '-3', of: 'magic', at: 'H1', with: '[', seed: 'x' })).toMatchObject({
    n: 100,
    seed: 0,
    measure: 'ablation',
    focus: null,
    parameters: {},
  })
})
