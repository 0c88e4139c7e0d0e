import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, configure, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { stubServer } from '@/api/stubServer'
import type { LogitLensRequest, LogitLensResponse } from '@/api/types'
import { DEFAULT_EXPERIMENT } from '@/lib/experiment'
import { LensPanel } from './LensPanel'

// Rendering charts takes its time on a busy machine; nothing here is a claim about speed.
vi.setConfig({ testTimeout: 30_000 })
configure({ asyncUtilTimeout: 10_000 })

const texts = ['<|endoftext|>', 'Give', ' to', ' Mary', ' John', ' the']
const prompt_tokens = [0, 1, 2].map((id) => ({ id, text: texts[id]! }))

/** Two layers; ablated says “ John” at the end where control says “ Mary”. */
function answer({ positions }: LogitLensRequest): LogitLensResponse {
  const chosen = positions ?? [0, 1, 2]
  const run = (last: number) => ({
    top_ids: [5, 5, last].map((id) => chosen.map(() => [id])),
    top_probs: [0.1, 0.2, 0.8].map((p) => chosen.map(() => [p])),
    target_prob: [0, 0.1, last === 3 ? 0.8 : 0.1].map((p) => chosen.map(() => p)),
    target_rank: [9, 4, last === 3 ? 0 : 1].map((rank) => chosen.map(() => rank)),
    entropy: [5, 4, last === 3 ? 1 : 1.2].map((e) => chosen.map(() => e)),
    kl_to_final: [3, 2, 0].map((kl) => chosen.map(() => kl)),
    tracked_probs: [0, 0.1, 0.8].map((p) =>
      chosen.map(() => [last === 3 ? p : 0.1, last === 3 ? 0.1 : p]),
    ),
  })
  return {
    model: 'm',
    prompt_tokens,
    positions: chosen,
    layers: ['embed', 'L0', 'L1'],
    targets: chosen.map((p) => [1, 2, 3][p]!),
    tracked: chosen.map(() => [3, 4]),
    control: run(3),
    ablated: run(4),
    token_texts: Object.fromEntries(texts.map((text, id) => [id, text])),
    warnings: [],
  }
}

function show(respond: (path: string, body: LogitLensRequest) => Response) {
  const requests: LogitLensRequest[] = []
  stubServer((path, body) => {
    if (path === '/logit-lens') requests.push(body as LogitLensRequest)
    return respond(path, body as LogitLensRequest)
  })
  const onSelectToken = vi.fn()
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const experiment = {
    ...DEFAULT_EXPERIMENT,
    prompt: 'Give to',
    model: 'm',
    cuts: [{ layer: 1, head: 0, method: 'zero' as const }],
  }
  render(
    <QueryClientProvider client={client}>
      <LensPanel experiment={experiment} texts={null} onSelectToken={onSelectToken} />
    </QueryClientProvider>,
  )
  return { onSelectToken, requests }
}

const server = (path: string, body: LogitLensRequest) =>
  path === '/tokenize'
    ? Response.json({ model: 'm', tokens: prompt_tokens, n_ctx: 128 })
    : Response.json(answer(body))

test('the panel tells at which layer the runs part', async () => {
  const { requests } = show(server)
  const story = await screen.findByText(/^Control:/)
  expect(story.parentElement).toHaveTextContent(
    'Control: ␣Mary leads only at the last layer, L1 (80 %). ' +
      'Ablated: ␣John leads only at the last layer, L1 (80 %). They part for good at L1.',
  )
  expect(screen.getByRole('heading', { name: /How the model comes to ␣Mary/ })).toBeVisible()
  expect(requests.map(({ positions }) => positions)).toContainEqual([2])
})

test('a slider reads the chart layer by layer, and chips add and remove tokens', async () => {
  show(server)
  const chart = await screen.findByRole('slider', { name: /Probability over the layers/ })
  act(() => chart.focus())
  await userEvent.keyboard('{End}')
  expect(chart).toHaveAttribute('aria-valuetext', 'L1: ␣Mary 80 % → 10 %, ␣John 10 % → 80 %')
  await userEvent.click(screen.getByRole('button', { name: /␣John/, pressed: true }))
  expect(chart).toHaveAttribute('aria-valuetext', 'L1: ␣Mary 80 % → 10 %')
})

test('arrow keys walk over the table and Enter chooses the token a column predicts', async () => {
  const { onSelectToken } = show(server)
  const grid = await screen.findByRole('grid', { name: /Logit lens/ })
  await userEvent.click(screen.getByRole('radio', { name: 'Control' }))
  const cells = within(grid).getAllByRole('gridcell', { name: '␣Mary, 80 %' })
  expect(cells).toHaveLength(3)
  expect(cells[2]).toHaveAttribute('aria-selected', 'true')
  act(() => cells[2]!.focus())
  await userEvent.keyboard('{ArrowLeft}')
  expect(cells[1]).toHaveFocus()
  await userEvent.keyboard('{Enter}')
  expect(onSelectToken).toHaveBeenLastCalledWith({ stream: 'prompt', index: 2 })
  await userEvent.click(cells[2]!)
  expect(onSelectToken).toHaveBeenLastCalledWith({ stream: 'control', index: 0 })
})

test('the difference view names what ablated says instead', async () => {
  show(server)
  await screen.findByRole('grid', { name: /Logit lens/ })
  expect(screen.getByRole('radio', { name: 'Difference' })).toBeChecked()
  expect(
    screen.getAllByRole('gridcell', { name: 'first choice ␣Mary becomes ␣John, down 70 %' }),
  ).toHaveLength(3)
})

test('a refusal is shown with its reason', async () => {
  show((path, body) =>
    path === '/tokenize'
      ? server(path, body)
      : Response.json({ detail: 'Too long.', error: 'PromptTooLong' }, { status: 422 }),
  )
  expect((await screen.findAllByRole('alert'))[0]).toHaveTextContent('Too long.')
})
