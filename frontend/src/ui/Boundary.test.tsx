import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { act } from 'react'
import { beforeEach, expect, test, vi } from 'vitest'
import { Boundary } from './Boundary'
import { lazyPart } from './lazyPart'

beforeEach(() => {
  // React reports what a boundary has caught.
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})

test('a part that could not be loaded is really loaded again on retry', async () => {
  const load = vi
    .fn<() => Promise<() => string>>()
    .mockRejectedValueOnce(new TypeError('Failed to fetch dynamically imported module'))
    .mockResolvedValue(() => 'the scores')
  const Scores = lazyPart(load)
  await act(async () => {
    render(
      <>
        <Boundary name="Scores">
          <Scores />
        </Boundary>
        <p>the rest</p>
      </>,
    )
    return Promise.resolve()
  })
  expect(screen.getByRole('alert')).toHaveTextContent('“Scores” could not be loaded')
  expect(screen.getByText('the rest')).toBeVisible()
  await act(() => userEvent.click(screen.getByRole('button', { name: 'Retry' })))
  expect(await screen.findByText('the scores')).toBeVisible()
  expect(load).toHaveBeenCalledTimes(2)
})

test('what throws inside a panel stays inside it', () => {
  const Broken = () => {
    throw new Error('no such layer')
  }
  render(
    <>
      <Boundary name="Lens">
        <Broken />
      </Boundary>
      <p>the rest</p>
    </>,
  )
  expect(screen.getByRole('alert')).toHaveTextContent('“Lens” failed: no such layer.')
  expect(screen.getByText('the rest')).toBeVisible()
})
