import { act, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import type { InferResponse } from '@/api/types'
import * as download from '@/charts/download'
import { DEFAULT_EXPERIMENT } from '@/lib/experiment'
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

test('the menu opens on its first entry, arrows walk, Escape gives the focus back', async () => {
  render(<ExportMenu experiment={experiment} result={null} scores={null} />)
  const button = screen.getByRole('button', { name: /Export/ })
  act(() => button.focus())
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
  expect(button).toHaveFocus()
})

test('a choice saves a file', async () => {
  const save = vi.spyOn(download, 'saveText').mockReturnValue()
  render(<ExportMenu experiment={experiment} result={result} scores={null} />)
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
  })
})

test('the code is readable as one text and can be copied', async () => {
  const user = userEvent.setup()
  render(<CodePanel experiment={experiment} result={null} modelInfo={null} />)
  const code = screen.getByRole('region', { name: 'Python code of this run' })
  expect(code).toHaveTextContent('HookedTransformer.from_pretrained_no_processing("gpt2"')
  expect(code).toHaveTextContent('("blocks.9.attn.hook_pattern", partial(zero, head=6))')
  await user.click(screen.getByRole('button', { name: 'Copy' }))
  expect(await screen.findByText('Copied.')).toBeVisible()
  expect(await navigator.clipboard.readText()).toBe(code.textContent)
})

test('a sampled run exports the seed that was drawn', () => {
  render(
    <CodePanel experiment={{ ...experiment, temperature: 1 }} result={result} modelInfo={null} />,
  )
  expect(screen.getByRole('region')).toHaveTextContent('SEED = 11')
})
