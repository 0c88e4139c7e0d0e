import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ANALYSES,
  COMPONENTS,
  DEFAULT_PATCH,
  DIRECTIONS,
  FLOWS,
  INPUTS,
  PATCH_METRICS,
  turnedRound,
  type Patch,
} from './patch'
import { cutAt } from './cuts'
import { byPosition, headName } from './heads'
import { MARKINGS } from './headKinds'
import { METHODS } from './methods.fixture'
import { decodePatch, encodePatch, parsePatchLink, writePatchLink } from './patchLink'

const token = fc.option(fc.string({ minLength: 1, maxLength: 8 }))
const patches: fc.Arbitrary<Patch> = fc.record({
  model: fc.option(fc.constantFrom('gpt2', 'gpt2-mini-12x12')),
  prependBos: fc.boolean(),
  prompt: fc.string(),
  corrupt: fc.string(),
  answer: token,
  foil: token,
  component: fc.constantFrom(...COMPONENTS),
  direction: fc.constantFrom(...DIRECTIONS),
  metric: fc.constantFrom(...PATCH_METRICS),
  tab: fc.constantFrom(...ANALYSES),
  focus: fc.option(fc.record({ layer: fc.nat(11), head: fc.nat(11) })),
  input: fc.constantFrom(...INPUTS),
  flow: fc.constantFrom(...FLOWS),
  cuts: fc
    .uniqueArray(
      fc.record({
        layer: fc.nat(11),
        head: fc.nat(11),
        method: fc.constantFrom('zero', 'mean'),
        strength: fc.constantFrom(0.5, -1),
        positions: fc.constantFrom([3], [-1]),
        parameters: fc.constant({ references: ['One.', 'Two'] }),
      }),
      { selector: headName, maxLength: 5 },
    )
    .map((cuts) =>
      cuts
        .map((cut) => (cut.method === 'zero' ? cutAt(cut, { method: 'zero' }) : cut))
        .map((cut) => (cut.method === 'mean' ? { ...cut, method: 'dataset-mean' } : cut))
        .sort(byPosition),
    ),
  unread: fc.constant(DEFAULT_PATCH.unread),
  marks: fc.constantFrom(...MARKINGS),
})

test('every question comes back from its link', () => {
  fc.assert(
    fc.property(patches, (patch) => {
      const link = writePatchLink(encodePatch(patch, METHODS))
      expect(decodePatch(parsePatchLink(link), METHODS)).toEqual(patch)
      // … also through a page that knows no methods yet.
      const blind = encodePatch(decodePatch(parsePatchLink(link), []), [])
      expect(decodePatch(blind, METHODS)).toEqual(patch)
    }),
  )
})

test('a link reads as a person would write it, and says no defaults', () => {
  const patch = { ...DEFAULT_PATCH, prompt: 'Mary and', corrupt: 'John and', answer: ' Mary' }
  expect(writePatchLink(encodePatch(patch, METHODS))).toBe(
    '?p=Mary+and&c=John+and&answer=+Mary&v=1',
  )
})

test('what cannot be read falls back, and a link without prompts means the example', () => {
  const example = { ...DEFAULT_PATCH, prompt: 'Mary', corrupt: 'John', answer: ' Mary', model: 'm' }
  expect(decodePatch(parsePatchLink('?of=nothing&at=H1&dir=noise'), METHODS, example)).toEqual({
    ...example,
    direction: 'noise',
    focus: null,
  })
  // The example's answer belongs to its own prompts.
  expect(decodePatch(parsePatchLink('?p=Once&c=Twice'), METHODS, example)).toEqual({
    ...DEFAULT_PATCH,
    model: 'm',
    prompt: 'Once',
    corrupt: 'Twice',
  })
})

test('turned round twice it is the same question', () => {
  fc.assert(
    fc.property(patches, (patch) => {
      expect(turnedRound(turnedRound(patch))).toEqual(patch)
    }),
  )
})
