import { act, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { METHODS } from '@/lib/methods.fixture'
import { HeadGridPart } from './HeadGridPart'
import { Host, type HostModel } from './host'

/** A kernel that says what it is told to, and writes down what it is asked. */
class Kernel implements HostModel {
  readonly asked = vi.fn<(content: unknown) => void>()
  readonly #traits = new Map<string, unknown>()
  readonly #listeners = new Map<string, Set<() => void>>()

  say(name: string, value: unknown) {
    this.#traits.set(name, value)
    this.#listeners.get(`change:${name}`)?.forEach((listener) => listener())
  }
  get = (name: string) => this.#traits.get(name)
  on = (event: string, listener: () => void) => {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener))
  }
  off = (event: string, listener: () => void) => {
    this.#listeners.get(event)?.delete(listener)
  }
  send = (content: unknown) => this.asked(content)
}

const state = (ablations: object[], refusal: string | null = null) => ({
  ablations,
  refusal,
  focus: null,
  answer: {
    prompt_tokens: [{ id: 1, text: 'Hi' }],
    next_token: {
      candidates: [{ id: 2, text: ' Mary', control_logprob: -0.1, ablated_logprob: -2 }],
      kl: 0.5,
      top1_changed: false,
    },
    warnings: [],
  },
})

function show() {
  const kernel = new Kernel()
  kernel.say('_fixed', { part: 'HeadGrid', shape: { nLayers: 2, nHeads: 3 }, methods: METHODS })
  kernel.say('_scores', {
    name: 'score',
    unit: '',
    scores: [
      [0, 1, 2],
      [3, 4, -5],
    ],
  })
  kernel.say('_state', state([]))
  render(
    <Host value={kernel}>
      <HeadGridPart />
    </Host>,
  )
  return kernel
}

const cell = (name: RegExp) => screen.getByRole('gridcell', { name })

test('a press asks the kernel and is shown at once; what the kernel then says stands', async () => {
  const kernel = show()
  await userEvent.click(cell(/^Layer 1 head 2/))
  expect(kernel.asked).toHaveBeenLastCalledWith({
    ablations: [{ layer: 1, head: 2, method: 'zero' }],
  })
  expect(cell(/^Layer 1 head 2, score −5.00, ablated by zero$/)).toBeVisible()
  act(() => kernel.say('_state', state([], 'The kernel cannot do that.')))
  expect(screen.getByText('The kernel cannot do that.')).toBeVisible()
  expect(cell(/^Layer 1 head 2, score −5.00$/)).toBeVisible()
})

test('what the kernel sets is shown, with its strength', () => {
  const kernel = show()
  act(() => kernel.say('_state', state([{ layer: 0, head: 1, method: 'mean', strength: 0.5 }])))
  expect(cell(/^Layer 0 head 1, score 1.00, ablated by mean ×0.5$/)).toBeVisible()
  expect(screen.getByRole('list', { name: 'Cut heads' })).toHaveTextContent('L0H1')
})
