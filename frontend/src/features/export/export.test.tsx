import { QueryClient, QueryClientProvider, QueryObserver } from '@tanstack/react-query'
import { act, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { repeatBodyOf } from '@/api/requests'
import { stubServer } from '@/api/stubServer'
import type { InferResponse } from '@/api/types'
import * as download from '@/charts/download'
import { DEFAULT_EXPERIMENT, type Experiment } from '@/lib/experiment'
import { CodePanel } from './CodePanel'
import { ExportMenu } from './ExportMenu'

const experiment = {
  ...DEFAULT_EXPERIMENT,
  prompt: 'Hi',
  cuts: [{ layer: 9, head: 6, method: 'zero' as const }],
}
const result = {
  prompt_tokens: [{ id: 1, text: 'Hi' }],
  control: { tokens: [] },
  ablated: { tokens: [] },
  metrics: { per_token: [] },
  seed: 11,
} as unknown as InferResponse

function show(run: InferResponse | null) {
  const client = new QueryClient()
  render(
    <QueryClientProvider client={client}>
      <ExportMenu experiment={experiment} result={run} scores={null} />
    </QueryClientProvider>,
  )
  return client
}

test('the menu opens on its first entry, arrows walk, Escape gives the focus back', async () => {
  show(null)
  const button = () => screen.getByRole('button', { name: /Export/ })
  act(() => button().focus())
  await userEvent.keyboard('{Enter}')
  const first = await screen.findByRole('menuitem', { name: /Everything, JSON/ })
  await waitFor(() => expect(first).toHaveFocus())
  await userEvent.keyboard('{ArrowDown}')
  const tokens = screen.getByRole('menuitem', { name: /Tokens, CSV/ })
  expect(tokens).toHaveFocus()
  expect(tokens).toHaveAttribute('aria-disabled', 'true')
  expect(tokens).toHaveTextContent('Run inference first')
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(screen.queryByRole('menu')).toBeNull())
  expect(button()).toHaveFocus()
})

test('a choice saves a file', async () => {
  const save = vi.spyOn(download, 'saveText').mockReturnValue()
  const client = show(result)
  const lens = { layers: ['L0'] }
  const observer = new QueryObserver(client, { queryKey: ['lens', {}], queryFn: () => lens })
  const end = observer.subscribe(() => undefined)
  await waitFor(() => expect(client.getQueryData(['lens', {}])).toEqual(lens))
  // A pointer that comes near brings the menu, with a button of its own.
  await userEvent.hover(screen.getByRole('button', { name: /Export/ }))
  await waitFor(() => expect(screen.getByRole('button', { name: /Export/ }).id).not.toBe(''))
  await userEvent.click(screen.getByRole('button', { name: /Export/ }))
  await userEvent.click(await screen.findByRole('menuitem', { name: /Tokens, CSV/ }))
  expect(save).toHaveBeenCalledWith(
    expect.stringContaining('prompt,0,1,Hi'),
    'tokens.csv',
    'text/csv',
  )
  await userEvent.click(screen.getByRole('button', { name: /Export/ }))
  await userEvent.click(await screen.findByRole('menuitem', { name: /Everything/ }))
  expect(JSON.parse(save.mock.lastCall![0])).toMatchObject({
    experiment: { prompt: 'Hi' },
    scores: null,
    lens: [lens],
    attention: [],
  })
  end()
})

/** The server's side of the code panel: it writes down what it was asked for. */
function showCode(experimentShown: Experiment) {
  const bodies: Record<string, unknown>[] = []
  stubServer((path, body) => {
    expect(path).toBe('/infer/code')
    bodies.push(body as Record<string, unknown>)
    return Response.json({ code: 'import torch\nSEED = 11' })
  })
  const user = userEvent.setup()
  render(
    <QueryClientProvider client={new QueryClient()}>
      <CodePanel
        path="/infer"
        body={repeatBodyOf(experimentShown, result.seed)}
        waiting={false}
        about="The same run."
        name="Run"
      />
    </QueryClientProvider>,
  )
  return { user, bodies }
}

test('the server’s code is readable as one text and can be copied', async () => {
  const { user, bodies } = showCode({ ...experiment, model: 'm' })
  const code = await screen.findByRole('region', { name: 'Python code: Run' })
  expect(code).toHaveTextContent('import torch')
  expect(bodies[0]).toMatchObject({ ablations: [{ layer: 9, head: 6, method: 'zero' }] })
  expect(bodies[0]).not.toHaveProperty('seed')
  await user.click(screen.getByRole('button', { name: 'Copy' }))
  expect(await screen.findByText('Copied.')).toBeVisible()
  expect(await navigator.clipboard.readText()).toBe(code.textContent)
})

test('the script can be taken along as a file or as a notebook', async () => {
  const save = vi.spyOn(download, 'saveText').mockReturnValue()
  const { user } = showCode({ ...experiment, model: 'm' })
  await user.click(await screen.findByRole('button', { name: 'Download .py' }))
  expect(save).toHaveBeenLastCalledWith('import torch\nSEED = 11', 'run.py', 'text/x-python')
  await user.click(screen.getByRole('button', { name: 'Download .ipynb' }))
  const [notebook, name] = save.mock.lastCall!
  expect(name).toBe('run.ipynb')
  expect(JSON.parse(notebook)).toMatchObject({
    nbformat: 4,
    cells: [{ cell_type: 'code', source: ['import torch\n', 'SEED = 11'] }],
  })
})

test('a sampled run asks for the code of the seed that was drawn', async () => {
  const { bodies } = showCode({ ...experiment, model: 'm', temperature: 1 })
  await screen.findByRole('region')
  expect(bodies[0]).toMatchObject({ seed: 11 })
})
