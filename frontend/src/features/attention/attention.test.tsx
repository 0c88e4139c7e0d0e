import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, configure, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactNode } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import { stubServer } from '@/api/stubServer'
import type { AttentionResponse } from '@/api/types'
import { DEFAULT_EXPERIMENT } from '@/lib/experiment'
import { METHODS } from '@/lib/methods.fixture'
import { AttentionPanel } from './AttentionPanel'

// Rendering charts takes its time on a busy machine; nothing here is a claim about speed.
vi.setConfig({ testTimeout: 30_000 })
configure({ asyncUtilTimeout: 10_000 })

const answer: AttentionResponse = {
  model: 'm',
  prompt_tokens: [
    { id: 0, text: 'Mary' },
    { id: 1, text: ' John' },
  ],
  layer: 1,
  head: 2,
  method: 'zero',
  control: [
    [1, 0],
    [0.75, 0.25],
  ],
  ablated: [
    [0, 0],
    [0, 0],
  ],
  warnings: [],
}

beforeEach(() => {
  // jsdom has no canvas; what is drawn is looked at in a browser.
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null)
})

function show() {
  const bodies: unknown[] = []
  stubServer((_, body) => {
    bodies.push(body)
    return Response.json(answer)
  })
  const onFocusHead = vi.fn()
  const experiment = {
    ...DEFAULT_EXPERIMENT,
    prompt: 'Mary John',
    model: 'm',
    cuts: [{ layer: 1, head: 2, method: 'zero' as const }],
  }
  render(
    <QueryClientProvider client={new QueryClient()}>
      <AttentionPanel
        experiment={experiment}
        shape={{ nLayers: 2, nHeads: 3 }}
        methods={METHODS}
        texts={null}
        onFocusHead={onFocusHead}
      />
    </QueryClientProvider>,
  )
  return { onFocusHead, bodies }
}

test('without a focused head the last cut one is shown, in both runs', async () => {
  const { bodies } = show()
  expect(await screen.findByRole('grid', { name: /L1H2, control/ })).toBeVisible()
  expect(screen.getByRole('grid', { name: /L1H2, ablated/ })).toBeVisible()
  expect(screen.getByText(/The head writes nothing/)).toBeVisible()
  expect(bodies[0]).toMatchObject({ layer: 1, head: 2, ablations: [{ layer: 1, head: 2 }] })
})

test('arrow keys read cells of the lower triangle', async () => {
  show()
  const map = await screen.findByRole('grid', { name: /control/ })
  act(() => map.focus())
  const reading = '␣John (1) looks at Mary (0): 75 % control, 0 % under surgery.'
  expect(screen.getAllByText(reading, { exact: false }).length).toBeGreaterThan(0)
  expect(map).toHaveAccessibleName(/Arrow keys/)
  await userEvent.keyboard('{ArrowUp}{ArrowRight}')
  expect(screen.getAllByText(/Mary \(0\) looks at Mary \(0\): 100 % control/)[0]).toBeDefined()
})

test('layer, head and the cut heads lead to other patterns', async () => {
  const { onFocusHead } = show()
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Head' }), '0')
  expect(onFocusHead).toHaveBeenLastCalledWith({ layer: 1, head: 0 })
  await userEvent.click(screen.getByRole('button', { name: 'L1H2', pressed: true }))
  expect(onFocusHead).toHaveBeenLastCalledWith({ layer: 1, head: 2 })
})

test('another head’s pattern never stands under the new head’s name', async () => {
  const waiting = vi.fn()
  stubServer((_, body) => {
    if ((body as { head: number }).head === 2) return Response.json(answer)
    waiting()
    return new Promise(() => undefined)
  })
  const panel = (head: number) => (
    <AttentionPanel
      experiment={{
        ...DEFAULT_EXPERIMENT,
        prompt: 'Mary John',
        model: 'm',
        focus: { layer: 1, head },
      }}
      shape={{ nLayers: 2, nHeads: 3 }}
      methods={METHODS}
      texts={null}
      onFocusHead={vi.fn()}
    />
  )
  const client = new QueryClient()
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  )
  const { rerender } = render(panel(2), { wrapper })
  await screen.findByRole('grid', { name: /L1H2, control/ })
  rerender(panel(0))
  await waitFor(() => expect(waiting).toHaveBeenCalled())
  expect(screen.getByRole('figure', { name: /of L1H0/ })).toBeVisible()
  expect(screen.getByRole('status', { name: /L1H0 is loading/ })).toBeVisible()
  expect(screen.queryByRole('grid')).not.toBeInTheDocument()
  expect(screen.queryByRole('button', { name: /PNG/ })).not.toBeInTheDocument()
})
