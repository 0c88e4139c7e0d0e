import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { Tour } from './Tour'

function setUp(offer: string | null = 'L9H6') {
  Element.prototype.scrollIntoView = vi.fn()
  const calls = { onEnd: vi.fn(), onCut: vi.fn(), onShow: vi.fn() }
  render(
    <>
      <div data-tour="prompt" data-testid="prompt" />
      <div data-tour="grid" data-testid="grid" />
      <div data-tour="changes" />
      <div data-tour="lens" />
      <Tour offer={offer} {...calls} />
    </>,
  )
  return { ...calls, user: userEvent.setup() }
}

const outlined = (name: string) => screen.getByTestId(name).hasAttribute('data-toured')

test('each step outlines what it speaks of and nothing else', async () => {
  const { user } = setUp()
  expect([outlined('prompt'), outlined('grid')]).toEqual([true, false])
  await user.click(screen.getByRole('button', { name: 'Next' }))
  expect(screen.getByRole('heading', { name: 'Cut a head' })).toBeInTheDocument()
  expect([outlined('prompt'), outlined('grid')]).toEqual([false, true])
  await user.click(screen.getByRole('button', { name: 'Back' }))
  expect([outlined('prompt'), outlined('grid')]).toEqual([true, false])
})

test('by keyboard alone, without losing the focus, it cuts and ends', async () => {
  const { user, onCut, onEnd, onShow } = setUp()
  await vi.waitFor(() => expect(screen.getByRole('button', { name: 'Next' })).toHaveFocus())
  await user.keyboard('{Enter}')
  expect(onCut).not.toHaveBeenCalled()
  expect(screen.getByText(/Next cuts L9H6 for you/)).toBeInTheDocument()
  expect(screen.getByRole('button', { name: 'Cut and go on' })).toHaveFocus()
  await user.keyboard('{Enter}')
  expect(onCut).toHaveBeenCalledOnce()
  await user.keyboard('{Enter}')
  expect(onShow).toHaveBeenLastCalledWith('lens')
  expect(screen.getByRole('button', { name: 'Done' })).toHaveFocus()
  await user.keyboard('{Enter}')
  expect(onEnd).toHaveBeenCalledOnce()
})

test('what the reader has cut is left alone', async () => {
  const { user, onCut } = setUp(null)
  await user.click(screen.getByRole('button', { name: 'Next' }))
  await user.click(screen.getByRole('button', { name: 'Next' }))
  expect(onCut).not.toHaveBeenCalled()
})

test('Escape ends it, and so does skipping', async () => {
  const { user, onEnd } = setUp()
  await user.click(screen.getByRole('button', { name: 'Skip the tour' }))
  await user.keyboard('{Escape}')
  expect(onEnd).toHaveBeenCalledTimes(2)
})
