import { expect, test } from 'vitest'
import { firstChoices, likeliest, tellNextToken, topCandidates } from './nextToken'

const candidate = (text: string, control: number, ablated: number) => ({
  text,
  control_logprob: Math.log(control),
  ablated_logprob: Math.log(ablated),
})
const [mary, john] = [candidate(' Mary', 0.9, 0.2), candidate(' John', 0.05, 0.6)]

test('each run has its own first choice', () => {
  expect(likeliest([mary, john], 'control_logprob')).toBe(0)
  expect(likeliest([mary, john], 'ablated_logprob')).toBe(1)
  expect(likeliest([], 'control_logprob')).toBe(-1)
})

test('rows are ordered by the larger of the two, and both first choices keep theirs', () => {
  const her = candidate(' her', 0.04, 0.01)
  expect(topCandidates([john, her, mary], 6)).toEqual([mary, john, her])
  const many = [0.3, 0.2, 0.15, 0.12].map((p, i) => candidate(` c${i}`, p, 0))
  const winner = candidate(' new', 0, 0.1)
  expect(topCandidates([...many, winner], 3).map(({ text }) => text)).toEqual([
    ' c0',
    ' c1',
    ' new',
  ])
})

test('a flip, a shift and no change read differently', () => {
  expect(tellNextToken({ candidates: [mary, john], kl: 1.2, top1_changed: true })).toBe(
    'The first choice flips from “␣Mary” (90 %) to “␣John” (60 %); KL 1.20 nats.',
  )
  expect(tellNextToken({ candidates: [mary], kl: 0.5, top1_changed: false })).toBe(
    'The first choice stays “␣Mary”, 90 % → 20 %; KL 0.500 nats.',
  )
  expect(tellNextToken({ candidates: [mary], kl: 0, top1_changed: false })).toBe(
    'First choice: “␣Mary” (90 %).',
  )
  expect(tellNextToken({ candidates: [], kl: 0, top1_changed: false })).toBe('')
})

test('two runs name answer and foil; where they agree the second choice is the foil', () => {
  const view = (...texts: string[]) => ({
    kl: 0,
    top1_changed: false,
    candidates: texts.map((text, i) => ({ text, control_logprob: -i, ablated_logprob: -i })),
  })
  expect(firstChoices(view(' Mary', ' John'), view(' John', ' Mary'))).toEqual({
    answer: ' Mary',
    foil: ' John',
  })
  expect(firstChoices(view(' Mary', ' him'), view(' Mary'))).toEqual({
    answer: ' Mary',
    foil: ' him',
  })
  expect(firstChoices(view(' Mary'), null)).toEqual({ answer: ' Mary', foil: null })
})
