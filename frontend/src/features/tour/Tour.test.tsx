import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { Tour } from './Tour'

const region = () => document.getElementById('grid-region')

function setUp() {
  Element.prototype.scrollIntoView = vi.fn()
  const onEnd = vi.fn()
  render(
    <>
      <div id="prompt-region" />
      <div id="grid-region" />
      <Tour onEnd={onEnd} />
    </>,
  )
  return { onEnd, user: userEvent.setup() }
}

test('each step outlines its region and no other', async () => {
  const { user } = setUp()
  expect(region()).not.toHaveAttribute('data-toured')
  await user.click(screen.getByRole('button', { name: 'Next' }))
  expect(screen.getByRole('heading', { name: 'Cut a head' })).toBeInTheDocument()
  expect(region()).toHaveAttribute('data-toured')
  await user.click(screen.getByRole('button', { name: 'Back' }))
  expect(region()).not.toHaveAttribute('data-toured')
})

test('it can be skipped at any step', async () => {
  const { user, onEnd } = setUp()
  await user.click(screen.getByRole('button', { name: 'Next' }))
  await user.click(screen.getByRole('button', { name: 'Skip the tour' }))
  expect(onEnd).toHaveBeenCalledTimes(1)
})

test('after four steps it is done', async () => {
  const { user, onEnd } = setUp()
  for (let i = 0; i < 3; i++) await user.click(screen.getByRole('button', { name: 'Next' }))
  expect(screen.getByText('Step 4 of 4')).toBeInTheDocument()
  await user.click(screen.getByRole('button', { name: 'Done' }))
  expect(onEnd).toHaveBeenCalledTimes(1)
})
