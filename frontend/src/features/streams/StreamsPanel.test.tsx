import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { ApiError } from '@/api/error'
import type { GeneratedToken, TokenMetrics } from '@/api/types'
import { StreamsPanel } from './StreamsPanel'
import { IDLE, type RunState } from './run'

const token = (id: number, text: string, logprob = -0.5): GeneratedToken => ({
  id,
  text,
  logprob,
  alternatives: [{ id, text, logprob }],
})

const metrics = (position: number, text: string, kl: number): TokenMetrics => ({
  id: position,
  text,
  position,
  kl,
  control_logprob: -0.1,
  ablated_logprob: -2,
  top1_changed: kl > 1,
})

const run: RunState = {
  ...IDLE,
  status: 'done',
  body: { prompt: 'a b', prepend_bos: true, ablations: [], max_new_tokens: 2, temperature: 0 },
  promptTokens: [
    { id: 9, text: 'a' },
    { id: 8, text: ' b' },
  ],
  perToken: [metrics(1, ' b', 0), metrics(2, ' c', 0.2), metrics(3, ' d', 2)],
  control: [token(1, ' c'), token(2, ' d')],
  ablated: [token(1, ' c'), token(3, ' e')],
}

function setUp(props: { run?: RunState; outdated?: boolean } = {}) {
  const onSelect = vi.fn()
  const onRun = vi.fn()
  const { unmount } = render(
    <StreamsPanel
      run={run}
      outdated={false}
      blocked={null}
      selected={null}
      onSelect={onSelect}
      onRun={onRun}
      {...props}
    />,
  )
  return { onSelect, onRun, unmount, user: userEvent.setup() }
}

test('the first difference is marked and the tokens say their KL', () => {
  setUp()
  expect(screen.getByRole('button', { name: /^Control token 0, ␣c, KL 0.200/ })).toBeVisible()
  expect(
    screen.getByRole('button', { name: /^Ablated token 1, ␣e, first difference/ }),
  ).toBeVisible()
  expect(screen.getAllByRole('button', { name: /first difference/ })).toHaveLength(1)
})

test('a click leads to the token', async () => {
  const { user, onSelect } = setUp()
  await user.click(screen.getByRole('button', { name: /^Control token 1/ }))
  expect(onSelect).toHaveBeenCalledWith({ stream: 'control', index: 1 })
})

test('arrows walk along the texts and across, details follow the focus', async () => {
  const { user } = setUp()
  await user.tab()
  await user.tab()
  expect(screen.getByRole('button', { name: /^Control token 0/ })).toHaveFocus()
  const details = within(await screen.findByRole('tooltip'))
  expect(details.getByText('Control probability')).toBeInTheDocument()
  await user.keyboard('{ArrowRight}{ArrowDown}')
  expect(screen.getByRole('button', { name: /^Ablated token 1/ })).toHaveFocus()
  await user.keyboard('{ArrowLeft}{ArrowLeft}')
  expect(screen.getByRole('button', { name: /^Prompt token 1/ })).toHaveFocus()
  await user.keyboard('{Escape}')
  expect(screen.queryByRole('tooltip')).not.toBeInTheDocument()
})

test('a failed run says why, when to come back, and can be retried', async () => {
  const error = new ApiError('The queue is full.', 'QueueFull', 429, 3)
  const { user, onRun } = setUp({ run: { ...IDLE, status: 'failed', error } })
  expect(screen.getByRole('alert')).toHaveTextContent('The queue is full. Try again in 3 s.')
  await user.click(screen.getByRole('button', { name: 'Retry' }))
  expect(onRun).toHaveBeenCalled()
})

test('a text of an earlier cut says so and offers a new run', async () => {
  const { user, onRun } = setUp({ outdated: true })
  expect(screen.getByText('Written before your last change.')).toBeInTheDocument()
  await user.click(screen.getByRole('button', { name: 'Run inference' }))
  expect(onRun).toHaveBeenCalled()
})

test('waiting and running say where they are', () => {
  setUp({ run: { ...run, status: 'running', queued: 2 } })
  expect(screen.getByRole('status')).toHaveTextContent('2 runs in front of yours')
})

test('while a text is written a screen reader hears its beginning and its end, not each token', () => {
  const part = (length: number): RunState => ({
    ...run,
    status: 'running',
    control: run.control.slice(0, length),
    ablated: run.ablated.slice(0, length),
  })
  const heard = [part(0), part(1), part(2), run].map((state) => {
    const { unmount } = setUp({ run: state })
    const said = screen.getAllByRole('status').map((element) => element.textContent)
    unmount()
    return said.join()
  })
  const begun = 'Both texts are being written.'
  expect(heard).toEqual([begun, begun, begun, 'Both texts are written. They part at token 1.'])
})

test('each text reads as one, the marks of its ends in plain words', () => {
  const end = token(50256, '<|endoftext|>')
  setUp({
    run: {
      ...run,
      promptTokens: [{ id: 50256, text: '<|endoftext|>' }, ...run.promptTokens],
      control: [...run.control, end],
    },
  })
  const group = screen.getByRole('group', { name: /^Tokens/ })
  const lines = [...group.children].map((line) => line.lastElementChild?.textContent)
  expect(lines).toEqual(['⟨start⟩a b', ' c d⟨end⟩', ' c e'])
})
