import { expect, test } from 'vitest'
import { DEFAULT_EXPERIMENT } from './experiment'
import { tellExperiment } from './tellExperiment'

const experiment = { ...DEFAULT_EXPERIMENT, prompt: 'When Mary', model: 'gpt2' }

test('a picture names its prompt, cuts and model', () => {
  const cuts = [
    { layer: 9, head: 6, method: 'zero', strength: 0.5 },
    { layer: 9, head: null, method: 'zero' },
  ]
  expect(tellExperiment({ ...experiment, cuts })).toBe(
    '“When Mary” · cut: L9H6 zero ×0.5, M9 zero · gpt2',
  )
  expect(tellExperiment(experiment)).toBe('“When Mary” · nothing cut · gpt2')
})

test('long prompts and many cuts are shortened', () => {
  const cuts = Array.from({ length: 20 }, (_, head) => ({ layer: 0, head, method: 'zero' }))
  const told = tellExperiment({ ...experiment, prompt: 'x'.repeat(500), cuts })
  expect(told).toContain('and 8 more')
  expect(told.length).toBeLessThan(400)
})
