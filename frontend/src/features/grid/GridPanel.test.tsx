import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ComponentProps } from 'react'
import { expect, test, vi } from 'vitest'
import { DEFAULT_EXPERIMENT, type Experiment } from '@/lib/experiment'
import { METHODS } from '@/lib/methods.fixture'
import { ErrorNote } from '@/ui/ErrorNote'
import { GridPanel } from './GridPanel'

function show(
  experiment: Partial<Experiment> = {},
  props: Partial<ComponentProps<typeof GridPanel>> = {},
) {
  const [onTop, onUpdate] = [vi.fn(), vi.fn()]
  render(
    <GridPanel
      experiment={{ ...DEFAULT_EXPERIMENT, ...experiment }}
      shape={{ nLayers: 2, nHeads: 2 }}
      methods={METHODS}
      tokens={null}
      layer={null}
      stale={false}
      scorePicker={null}
      marks={null}
      marksBar={null}
      scoreStatus={null}
      scoreNote={null}
      hidden={[]}
      onForgetHidden={() => undefined}
      onUpdate={onUpdate}
      onInspect={() => undefined}
      onTop={onTop}
      topBlocked={null}
      topError={null}
      {...props}
    />,
  )
  return { onTop, onUpdate, user: userEvent.setup() }
}

const top = () => screen.getByRole('button', { name: 'Ablate Top-5 Heads' })

test('the button cuts as many of the top heads as it says', async () => {
  const { onTop, user } = show()
  await user.click(top())
  expect(onTop).toHaveBeenCalledExactlyOnceWith(5)
})

test('without a prompt the button says so instead of doing nothing', async () => {
  const { onTop, user } = show({}, { topBlocked: 'Write a prompt first.' })
  await user.click(top())
  expect(await screen.findByRole('dialog')).toHaveTextContent('Write a prompt first.')
  expect(onTop).not.toHaveBeenCalled()
})

test('a measurement that failed under the button is told there', () => {
  show({}, { topError: <ErrorNote error={new Error('The queue is full.')} /> })
  expect(screen.getByRole('alert')).toHaveTextContent('The queue is full.')
})

test('what the method cannot do to a site is refused in a sentence, and nothing is cut', async () => {
  const { onUpdate, user } = show({ brush: { method: 'previous' } })
  await user.click(screen.getByLabelText('Layer 1 MLP', { selector: '[role=gridcell]' }))
  expect(screen.getByRole('status')).toHaveTextContent(/“previous” cannot be done to an MLP/)
  expect(onUpdate.mock.calls.some(([patch]) => 'cuts' in (patch as object))).toBe(false)
})
