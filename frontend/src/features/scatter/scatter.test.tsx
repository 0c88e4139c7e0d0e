import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, configure, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { stubServer } from '@/api/stubServer'
import type { ImportanceRequest } from '@/api/types'
import { DEFAULT_EXPERIMENT } from '@/lib/experiment'
import { ScorePlot } from './ScorePlot'

// Rendering charts takes its time on a busy machine; nothing here is a claim about speed.
vi.setConfig({ testTimeout: 30_000 })
configure({ asyncUtilTimeout: 10_000 })

const scores: Record<string, number[][]> = {
  gradient: [[0.1, 0.2, 0.3]],
  ablation: [[0.01, 0.5, 0.02]],
  l2: [[3, 2, 1]],
}

function show(client = new QueryClient()) {
  const asked: string[] = []
  stubServer((_, body) => {
    const { method } = body as ImportanceRequest
    asked.push(method ?? '')
    const result = { method, scores: scores[method ?? ''], unit: 'nats' }
    return new Response(`event: done\ndata: ${JSON.stringify(result)}\n\n`)
  })
  const [onToggle, onFocus] = [vi.fn(), vi.fn()]
  const experiment = {
    ...DEFAULT_EXPERIMENT,
    prompt: 'Hi',
    model: 'm',
    cuts: [{ layer: 0, head: 1, method: 'zero' as const }],
  }
  const { unmount } = render(
    <QueryClientProvider client={client}>
      <ScorePlot
        experiment={experiment}
        shape={{ nLayers: 1, nHeads: 3 }}
        readable
        onToggle={onToggle}
        onFocus={onFocus}
      />
    </QueryClientProvider>,
  )
  return { asked, onToggle, onFocus, unmount }
}

const measure = () =>
  userEvent.click(screen.getByRole('button', { name: 'Measure Gradient and KL' }))

test('nothing is measured until it is asked for', async () => {
  const { asked } = show()
  expect(asked).toEqual([])
  await measure()
  expect(await screen.findByRole('figure', { name: /KL against Gradient/ })).toBeVisible()
  expect(asked.sort()).toEqual(['ablation', 'gradient'])
  expect(screen.getByText(/Spearman’s ρ = 0.50 over 3 heads/)).toBeVisible()
})

test('what was measured is still there for who leaves and comes back', async () => {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } })
  const { unmount } = show(client)
  await measure()
  await screen.findByRole('figure', { name: /KL against Gradient/ })
  unmount()
  const { asked } = show(client)
  expect(await screen.findByRole('figure', { name: /KL against Gradient/ })).toBeVisible()
  expect(asked).toEqual([])
})

test('arrow keys walk from the highest head down, Enter cuts, a button shows its pattern', async () => {
  const { onToggle, onFocus } = show()
  await measure()
  const chart = await screen.findByRole('slider', { name: /KL against Gradient/ })
  act(() => chart.focus())
  expect(chart).toHaveAttribute('aria-valuetext', 'L0H1: Gradient 0.200, KL 0.500, cut')
  await userEvent.keyboard('{ArrowRight}{Enter}')
  expect(onToggle).toHaveBeenCalledExactlyOnceWith({ layer: 0, head: 2 })
  await userEvent.click(screen.getByRole('button', { name: 'Its attention →' }))
  expect(onFocus).toHaveBeenCalledExactlyOnceWith({ layer: 0, head: 2 })
})

test('another score is measured when it is chosen', async () => {
  show()
  await measure()
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Across' }), 'L2')
  expect(await screen.findByRole('figure', { name: /KL against L2/ })).toBeVisible()
})
