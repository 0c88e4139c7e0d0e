import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import type { ModelInfo, ModelsResponse } from '@/api/types'
import { ModelPicker } from './ModelPicker'
import { StandInNotice } from './StandInNotice'

const mini = { name: 'mini', title: 'Mini', state: 'ready', bundled: true } as ModelInfo
const gpt2 = (rest: Partial<ModelInfo>) =>
  ({ name: 'gpt2', title: 'GPT-2 Small', bundled: false, state: 'unloaded', ...rest }) as ModelInfo

const models = (other: ModelInfo): ModelsResponse => ({
  default: 'mini',
  preferred: 'gpt2',
  models: [other, mini],
  limits: { max_prompt_tokens: 1, max_new_tokens: 1, max_top_k: 1, max_ablations: 1 },
})

function setUp(other: ModelInfo) {
  const props = { models: models(other), current: mini, onChoose: vi.fn(), onLoad: vi.fn() }
  render(
    <>
      <StandInNotice {...props} />
      <ModelPicker {...props} />
    </>,
  )
  return { ...props, user: userEvent.setup() }
}

test('a download shows how far it is', async () => {
  const { user } = setUp(
    gpt2({ state: 'downloading', progress: { done: 250e6, total: 500e6, unit: 'bytes' } }),
  )
  await user.click(screen.getByRole('button', { name: 'Model: Mini, ready' }))
  const bar = screen.getByRole('progressbar', { name: 'GPT-2 Small, downloading' })
  expect(bar).toHaveAttribute('value', '0.5')
  expect(screen.getByText('downloading, 250 MB of 500 MB')).toBeInTheDocument()
})

test('an unavailable model says why and can be tried again', async () => {
  const { user, onLoad } = setUp(gpt2({ state: 'unavailable', reason: 'The hub is unreachable.' }))
  await user.click(screen.getByRole('button', { name: /^Model/ }))
  expect(screen.getByText('The hub is unreachable.')).toBeInTheDocument()
  await user.click(screen.getByRole('button', { name: 'Retry GPT-2 Small' }))
  expect(onLoad).toHaveBeenCalledWith('gpt2')
})

test('the stand-in says so and offers the change once it can be made', async () => {
  const { user, onChoose } = setUp(gpt2({ state: 'ready' }))
  const notice = screen.getByRole('complementary', { name: 'About the model' })
  expect(notice).toHaveTextContent('a small bundled model, stands in for GPT-2 Small')
  await user.click(screen.getByRole('button', { name: 'Switch to GPT-2 Small' }))
  expect(onChoose).toHaveBeenCalledWith('gpt2')
})

test('a model in bfloat16 says what that costs', async () => {
  const { user } = setUp(gpt2({ state: 'ready', device: 'cpu', precision: 'bfloat16' }))
  await user.click(screen.getByRole('button', { name: /^Model/ }))
  expect(screen.getByText(/Runs in bfloat16: faster, but divergences/)).toBeInTheDocument()
})
