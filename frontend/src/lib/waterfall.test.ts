import { expect, test } from 'vitest'
import { sharesOf, tellAttribution, tellStep, waterfall, type Attribution } from './waterfall'

const attribution: Attribution = {
  heads: [
    [1, -2],
    [0.5, 0.25],
  ],
  mlps: [0.125, -0.5],
  embedding: { token: 0.5, position: -0.25 },
  bias: { attention: [0.0625, 0], final_norm: 1, unembedding: 0 },
  total: 0.6875,
}

test('the parts follow each other and end at the total', () => {
  const steps = waterfall(attribution)
  expect(steps.map(({ label }) => label)).toEqual(['emb', 'A0', 'M0', 'A1', 'M1', 'bias'])
  expect(steps[0]).toMatchObject({ from: 0, to: 0.25 })
  steps.slice(1).forEach((step, i) => expect(step.from).toBe(steps[i]?.to))
  expect(steps.at(-1)?.to).toBe(attribution.total)
  expect(tellStep(steps[1]!)).toBe('Heads of layer 0: −0.938 logits, from 0.250 to −0.688.')
})

test('a layer is the sum of its heads and its bias', () => {
  const shares = sharesOf(attribution, 0)
  expect(shares.map(({ name }) => name)).toEqual(['L0H1', 'L0H0', 'bias b_O'])
  expect(shares.reduce((sum, { value }) => sum + value, 0)).toBe(waterfall(attribution)[1]?.value)
})

test('who writes most for and against it is said', () => {
  expect(tellAttribution(attribution, '␣Mary', '␣John')).toBe(
    'logit(␣Mary) − logit(␣John) = 0.688. Most for it write L0H0 (+1.00), L1H0 (+0.500), L1H1 (+0.250); most against it L0H1 (−2.00).',
  )
})
