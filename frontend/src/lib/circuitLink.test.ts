import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  CIRCUIT_TABS,
  decodeCircuit,
  DEFAULT_CIRCUIT,
  encodeCircuit,
  ordered,
  readCircuitLink,
  STARTS,
} from './circuitLink'
import { MARKINGS } from './headKinds'
import { parseQuery, writeQuery } from './query'

const head = fc.record({ layer: fc.nat(11), head: fc.nat(11) })
const questions = fc.record({
  task: fc.string({ minLength: 1, maxLength: 12 }),
  n: fc.integer({ min: 1, max: 200 }),
  seed: fc.maxSafeNat(),
  heads: fc.option(fc.array(head, { maxLength: 12 }).map(ordered)),
  method: fc.string({ minLength: 1, maxLength: 12 }),
  model: fc.option(fc.string({ minLength: 1, maxLength: 12 })),
  tab: fc.constantFrom(...CIRCUIT_TABS),
  focus: fc.option(head),
  marks: fc.constantFrom(...MARKINGS),
  start: fc.constantFrom(...STARTS),
  target: fc.integer({ min: 0, max: 100 }),
})

test('every question comes back from its link', () => {
  fc.assert(
    fc.property(questions, (question) => {
      const link = readCircuitLink(parseQuery(writeQuery(encodeCircuit(question))))
      expect(decodeCircuit(link)).toEqual(question)
    }),
  )
})

test('no heads are told apart from none named, and the standard question has no link', () => {
  expect(encodeCircuit(DEFAULT_CIRCUIT)).toEqual({})
  expect(encodeCircuit({ ...DEFAULT_CIRCUIT, heads: [] })).toEqual({ heads: '', v: '1' })
  expect(decodeCircuit({ heads: '' }).heads).toEqual([])
  expect(decodeCircuit({}).heads).toBeNull()
})

test('what cannot be read falls back, and a head named twice is in once', () => {
  expect(decodeCircuit({ n: '1000', by: '', at: 'H1', target: '101' })).toMatchObject({
    n: 30,
    method: 'dataset-mean',
    focus: null,
    target: 90,
  })
  expect(decodeCircuit({ heads: 'L6H6.x.L0H1.L6H6' }).heads).toEqual([
    { layer: 0, head: 1 },
    { layer: 6, head: 6 },
  ])
})
