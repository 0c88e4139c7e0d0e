import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import type { ComponentProps } from 'react'
import type { ModelInfo } from '@/api/types'
import { DEFAULT_EXPERIMENT } from '@/lib/experiment'
import { exampleOf } from './example'
import { PromptPanel } from './PromptPanel'

const model: ModelInfo = {
  name: 'm',
  title: 'M',
  state: 'ready',
  bundled: true,
  progress: null,
  reason: null,
  examples: [
    {
      title: 'Who gets the drink?',
      prompt: 'When Mary',
      ablations: [{ layer: 9, head: 6, method: 'mean' }],
      explanation: 'Mary does.',
    },
    { title: 'Plain', prompt: 'It was', ablations: [], explanation: 'Prose.' },
  ],
} as ModelInfo

function setUp(props: Partial<ComponentProps<typeof PromptPanel>> = {}) {
  const spies = {
    onUpdate: vi.fn(),
    onExample: vi.fn(),
    onCut: vi.fn(),
    onRun: vi.fn(),
    onStop: vi.fn(),
  }
  render(
    <PromptPanel
      experiment={{ ...DEFAULT_EXPERIMENT, prompt: 'When Mary' }}
      model={model}
      limits={null}
      tokens={null}
      error={null}
      running={false}
      blocked={null}
      folded={false}
      onFold={vi.fn()}
      {...spies}
      {...props}
    />,
  )
  return { ...spies, user: userEvent.setup() }
}

test('an example is chosen by its title', async () => {
  const { user, onExample } = setUp()
  const button = () => screen.getByRole('button', { name: 'Examples' })
  // The menu takes the button's place when the pointer comes near.
  await user.hover(button())
  await waitFor(() => expect(button().id).not.toBe(''))
  await user.click(button())
  await user.click(await screen.findByRole('menuitem', { name: /Plain/ }))
  expect(onExample).toHaveBeenCalledWith(model.examples?.[1])
  await waitFor(() => expect(screen.queryByRole('menu')).not.toBeInTheDocument())
})

test('the chosen example explains itself and offers its cut', async () => {
  const { user, onCut } = setUp()
  expect(screen.getByText('Mary does.', { exact: false })).toBeInTheDocument()
  await user.click(screen.getByRole('button', { name: 'Cut L9H6' }))
  expect(onCut).toHaveBeenCalledWith([{ layer: 9, head: 6, method: 'mean' }])
})

test('what blocks a run is said by the button', async () => {
  const { user, onRun } = setUp({ blocked: 'No model is ready yet.' })
  const button = screen.getByRole('button', { name: /Run inference/ })
  expect(button).toHaveAccessibleDescription('No model is ready yet.')
  expect(screen.getByRole('status')).toHaveTextContent('No model is ready yet.')
  await user.click(button)
  expect(onRun).not.toHaveBeenCalled()
})

test('while a run goes on it can be stopped', async () => {
  const { user, onStop } = setUp({ running: true })
  await user.click(screen.getByRole('button', { name: 'Stop' }))
  expect(onStop).toHaveBeenCalled()
})

test('tokens are shown as the model sees them, with what does not fit', () => {
  const tokens = {
    model: 'm',
    n_ctx: 10,
    tokens: [
      { id: 0, text: '<|endoftext|>' },
      { id: 1, text: ' Mary\n' },
    ],
  }
  setUp({ tokens })
  const list = screen.getByRole('list', { name: 'Prompt tokens as the model sees them' })
  expect(list).toHaveTextContent('⟨start⟩␣Mary⏎')
  expect(screen.getByText(/with 20 new ones that is 12 too many/)).toBeInTheDocument()
})

test('a setting out of range says what would be right and is not taken over', async () => {
  const { user, onUpdate } = setUp()
  await user.click(screen.getByText('Generation'))
  const field = screen.getByRole('spinbutton', { name: 'New tokens' })
  await user.clear(field)
  await user.type(field, '0')
  expect(field).toBeInvalid()
  expect(field).toHaveAccessibleDescription('A whole number from 1 to 256.')
  expect(onUpdate).not.toHaveBeenCalled()
  await user.tab()
  expect(field).toHaveValue(20)
  expect(screen.getByText('“0” was not taken: a whole number from 1 to 256.')).toBeVisible()
})

test('of examples that share a prompt the chosen one is shown, and links without one by their cut', () => {
  const shared = ['first', 'second'].map((id, head) => ({
    id,
    title: id,
    prompt: 'When Mary',
    ablations: [{ layer: 1, head, method: 'zero' }],
    explanation: `The ${id} one.`,
  }))
  const examples = shared as ModelInfo['examples'] & object
  const experiment = { ...DEFAULT_EXPERIMENT, prompt: 'When Mary' }
  expect(exampleOf(examples, { ...experiment, example: 'second' })?.id).toBe('second')
  const cuts = [{ layer: 1, head: 1, method: 'zero' }]
  expect(exampleOf(examples, { ...experiment, cuts })?.id).toBe('second')
  expect(exampleOf(examples, experiment)?.id).toBe('first')
  expect(exampleOf(examples, { ...experiment, prompt: 'Own', example: 'second' })).toBeUndefined()
})
