import { expect, test } from 'vitest'
import { lastWords } from './format'
import { resultLine } from './result'

const candidate = (text: string, control: number, ablated: number) => ({
  text,
  control_logprob: Math.log(control),
  ablated_logprob: Math.log(ablated),
})
const candidates = [candidate(' Mary', 0.9, 0.2), candidate(' John', 0.05, 0.6)]

test('the strip says both answers, where they part and how far', () => {
  expect(resultLine({ candidates, kl: 7.1, top1_changed: true }, true, 'L7')).toEqual({
    intact: { text: ' Mary', probability: '90 %' },
    cut: { text: ' John', probability: '60 %' },
    facts: ['parted at L7', 'KL 7.10 nats'],
  })
})

test('without a cut there is one answer; a cut that changes none says so', () => {
  expect(resultLine({ candidates, kl: 0, top1_changed: false }, false, null)).toEqual({
    intact: { text: ' Mary', probability: '90 %' },
    cut: null,
    facts: [],
  })
  const same = [candidate(' Mary', 0.9, 0.8)]
  expect(resultLine({ candidates: same, kl: 0.1, top1_changed: false }, true, null)?.facts).toEqual(
    ['same first choice', 'KL 0.100 nats'],
  )
  expect(resultLine({ candidates: [], kl: 0, top1_changed: false }, true, null)).toBeNull()
})

test('the end of a text begins with a whole word', () => {
  expect(lastWords('John gave a drink to')).toBe('John gave a drink to')
  expect(lastWords('When Mary and John went to the store, John gave a drink to')).toBe(
    'store, John gave a drink to',
  )
  expect(lastWords('x'.repeat(100))).toHaveLength(28)
})
