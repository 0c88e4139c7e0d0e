import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import * as stream from '@/api/stream'
import type { Comparison, VerifyResponse } from '@/api/types'
import { Agreement } from './Agreement'

const comparison = (name: string, more: Partial<Comparison> = {}): Comparison => ({
  kind: 'Patching of z',
  name,
  published: 0.344,
  ours: 0.345,
  tolerance: 0.01,
  unit: 'share restored',
  source: 'a notebook',
  agrees: true,
  ...more,
})

function answer(comparisons: Comparison[]): VerifyResponse {
  const agrees = comparisons.every((each) => each.agrees)
  return { model: 'gpt2', warnings: [], comparisons, agrees }
}

/** What the server tells, and a promise of its end. */
function serve() {
  let tell: (event: stream.Event) => void = () => undefined
  let end: (response: VerifyResponse) => void = () => undefined
  const ended = new Promise<VerifyResponse>((resolve) => {
    end = resolve
  })
  const asked = vi.spyOn(stream, 'postStream').mockImplementation((_path, _body, onEvent) => {
    tell = onEvent
    return ended as Promise<never>
  })
  return { tell: (event: stream.Event) => tell(event), end, asked }
}

function setUp() {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Agreement />
    </QueryClientProvider>,
  )
  return userEvent.setup()
}

test('nothing is measured before it is asked for; then each kind is a table as it comes', async () => {
  const { tell, end, asked } = serve()
  const user = setUp()
  expect(asked).not.toHaveBeenCalled()
  await user.click(screen.getByRole('button', { name: 'Measure' }))
  tell({ name: 'progress', value: { comparisons: [comparison('L5H5')], done: 0.5 } })
  const table = await screen.findByRole('table', { name: /Patching of z.*± 0.01. a notebook/ })
  const row = within(table).getByRole('row', { name: /L5H5/ })
  expect(
    within(row)
      .getAllByRole('cell')
      .map((cell) => cell.textContent),
  ).toEqual(['0.344', '0.345'])
  end(answer([comparison('L5H5'), comparison('L4H11', { kind: 'Where heads look' })]))
  expect(await screen.findByText(/All 2 figures of gpt2 agree/)).toBeVisible()
  expect(screen.getAllByRole('table')).toHaveLength(2)
})

test('a number that is off says so, and so does the sentence', async () => {
  const { end } = serve()
  const user = setUp()
  await user.click(screen.getByRole('button', { name: 'Measure' }))
  end(answer([comparison('L5H5'), comparison('L10H7', { ours: 0.5, agrees: false })]))
  expect(await screen.findByText('1 figure of 2 of gpt2 is off.')).toBeVisible()
  expect(screen.getByRole('row', { name: /L10H7/ })).toHaveTextContent('0.500 (off)')
})
