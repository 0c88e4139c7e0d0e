import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromLogPlace, logPlace, perplexedness, summarize, tellMetrics } from './metrics'

const token = (kl: number, control: number, ablated: number, changed = false) => ({
  kl,
  control_logprob: control,
  ablated_logprob: ablated,
  top1_changed: changed,
})

test('means are the engine’s: perplexity is exp of the mean −log p', () => {
  const summary = summarize([token(0.5, -1, -2, true), token(0, -3, -4)])
  expect(summary).toEqual({
    predictions: 2,
    changed: 1,
    kl: 0.25,
    perplexityControl: Math.exp(2),
    perplexityAblated: Math.exp(3),
  })
})

describe('one sentence says what happened', () => {
  const say = (...tokens: ReturnType<typeof token>[]) => tellMetrics(summarize(tokens))
  const [same, moved, flipped] = [token(0, -1, -1), token(0.1, -1, -1.2), token(2, -1, -4.4, true)]

  test.each([
    ['Nothing changed: both runs make the same 2 predictions.', [same, same]],
    ['None of 1 prediction changed its first choice; the model is 22 % more perplexed.', [moved]],
    ['1 of 3 predictions changed; the model is 3.11× as perplexed.', [same, same, flipped]],
    ['All 2 predictions changed; the model is 30.0× as perplexed.', [flipped, flipped]],
    ['Nothing is predicted yet: the text needs at least two tokens.', []],
  ])('%s', (sentence, tokens) => {
    expect(say(...tokens)).toBe(sentence)
  })

  test.each([
    [2, 1, '50 % less perplexed'],
    [2, 2.001, 'as perplexed as before'],
    [2, 1e9, 'more than 1000× as perplexed'],
    [2, Number.POSITIVE_INFINITY, 'perplexed beyond measure'],
  ])('from %d to %d it is %s', (control, ablated, words) => {
    expect(perplexedness(control, ablated)).toBe(words)
  })
})

test('the logarithmic axis ends at 10⁻⁶ and 1 and reads back', () => {
  expect(logPlace(0)).toBe(0)
  expect(logPlace(1)).toBe(1)
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1, noNaN: true }), (p) => {
      expect(fromLogPlace(logPlace(p)) / p).toBeCloseTo(1)
    }),
  )
})
