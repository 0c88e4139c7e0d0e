import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { Hint } from '@/ui/Hint'
import { useShortcuts } from './useShortcuts'

function Page({ stop }: { stop: () => void }) {
  useShortcuts({ run: vi.fn(), stop, undo: null, redo: null })
  return (
    <Hint content="Two sentences." trigger={<button type="button" />}>
      A word
    </Hint>
  )
}

test('Escape puts a note away first, and stops the run when nothing floats', async () => {
  const user = userEvent.setup()
  const stop = vi.fn()
  render(<Page stop={stop} />)
  await user.click(screen.getByRole('button', { name: 'A word' }))
  await screen.findByText('Two sentences.')
  await user.keyboard('{Escape}')
  expect(stop).not.toHaveBeenCalled()
  await vi.waitFor(() => expect(screen.queryByText('Two sentences.')).not.toBeInTheDocument())
  await user.keyboard('{Escape}')
  expect(stop).toHaveBeenCalledTimes(1)
})
