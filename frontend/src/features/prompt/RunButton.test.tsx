import { act, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RunButton } from './RunButton'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('a press at the moment a run begins by itself does not end it, a later one does', () => {
  const onStop = vi.fn()
  const button = (running: boolean) => (
    <RunButton running={running} blocked={null} onRun={vi.fn()} onStop={onStop} />
  )
  const { rerender } = render(button(false))
  rerender(button(true))
  const press = () => fireEvent.click(screen.getByRole('button', { name: 'Stop' }))
  const wait = (time: number) =>
    act(() => {
      vi.advanceTimersByTime(time)
    })
  wait(100)
  press()
  expect(onStop).not.toHaveBeenCalled()
  wait(1000)
  press()
  expect(onStop).toHaveBeenCalledOnce()
})
