import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import type { Cuts } from '@/lib/cuts'
import { headName } from '@/lib/heads'
import type { GridLayer } from '@/lib/layer'
import { CutGrid } from './CutGrid'
import { HeadGrid } from './HeadGrid'

const shape = { nLayers: 12, nHeads: 12 }
const scores: GridLayer = {
  name: 'KL',
  unit: 'nats',
  signed: false,
  spread: 'cube-root',
  values: Array.from({ length: 12 }, (_, layer) =>
    Array.from({ length: 12 }, (_, head) => (layer === 9 && head === 6 ? 0.42 : 0)),
  ),
}

function setUp({ layer = null }: { layer?: GridLayer | null } = {}) {
  let latest: Cuts = []
  const onInspect = vi.fn()
  function Page() {
    const [cuts, setCuts] = useState<Cuts>([])
    latest = cuts
    return (
      <CutGrid
        shape={shape}
        cuts={cuts}
        brush={{ method: 'zero' }}
        layer={layer}
        stale={false}
        inspected={null}
        onCutsChange={setCuts}
        onInspect={onInspect}
        onPoint={() => undefined}
      />
    )
  }
  render(<Page />)
  return { user: userEvent.setup(), onInspect, cut: () => latest.map(headName) }
}

/** By its label: computing the names of all cells by role takes a second each time. */
const cell = (name: string | RegExp) => screen.getByLabelText(name, { selector: '[role=gridcell]' })

test('a click cuts a head and another restores it', async () => {
  const { user, cut } = setUp()
  await user.click(cell('Layer 9 head 6'))
  expect(cell('Layer 9 head 6, ablated by zero')).toHaveAttribute('aria-selected', 'true')
  await user.click(cell('Layer 9 head 6, ablated by zero'))
  expect(cut()).toEqual([])
})

test('a cell says its score and its cut', async () => {
  const { user } = setUp({ layer: scores })
  await user.click(cell('Layer 9 head 6, KL 0.420'))
  expect(cell('Layer 9 head 6, KL 0.420, ablated by zero')).toBeInTheDocument()
})

test('the grid is one tab stop, arrows move and Space cuts', async () => {
  const { user, cut } = setUp()
  await user.tab()
  expect(cell('Layer 0 head 0')).toHaveFocus()
  await user.keyboard('{ArrowDown}{ArrowRight}{ArrowRight} ')
  expect(cell('Layer 1 head 2, ablated by zero')).toHaveFocus()
  await user.keyboard('{End}{PageDown} ')
  expect(cell('Layer 11 MLP, ablated by zero')).toHaveFocus()
  expect(cut()).toEqual(['L1H2', 'M11'])
  await user.tab()
  expect(document.body).toHaveFocus()
})

test('Shift with arrows and with a click cuts everything in between', async () => {
  const { user, cut } = setUp()
  await user.click(cell('Layer 0 head 0'))
  await user.keyboard('{Shift>}{ArrowRight}{ArrowDown}{/Shift}')
  expect(cut()).toEqual(['L0H0', 'L0H1', 'L1H0', 'L1H1'])
  await user.click(cell('Layer 5 head 5'))
  await user.keyboard('{Shift>}')
  await user.click(cell('Layer 6 head 6'))
  expect(cut().slice(4)).toEqual(['L5H5', 'L5H6', 'L6H5', 'L6H6'])
})

test('headers cut and restore a layer and a head of every layer', async () => {
  const { user, cut } = setUp()
  await user.click(screen.getByRole('button', { name: 'Every head of layer 3' }))
  expect(cut()).toHaveLength(12)
  await user.click(screen.getByRole('button', { name: 'Head 0 of every layer' }))
  expect(cut()).toHaveLength(23)
  await user.click(screen.getByRole('button', { name: 'Every head of layer 3' }))
  expect(cut()).toHaveLength(11)
})

test('headers are reached by arrows and pressed by Space', async () => {
  const { user, cut } = setUp()
  await user.tab()
  await user.keyboard('{ArrowLeft} ')
  expect(cut()).toHaveLength(12)
})

test('a drag paints what its first cell did', async () => {
  const { user, cut } = setUp()
  // jsdom has no layout: say which cell lies under the pointer.
  const under = ['Layer 2 head 3', 'Layer 2 head 5']
  document.elementFromPoint = () => cell(new RegExp(`^${under.shift() ?? 'Layer 2 head 5'}`))
  await user.pointer([
    { keys: '[MouseLeft>]', target: cell('Layer 2 head 2') },
    { target: cell('Layer 2 head 3') },
    { target: cell('Layer 2 head 5') },
    { keys: '[/MouseLeft]' },
  ])
  expect(cut()).toEqual(['L2H2', 'L2H3', 'L2H4', 'L2H5'])
})

test('Enter asks for the attention pattern without cutting', async () => {
  const { user, onInspect, cut } = setUp()
  await user.tab()
  await user.keyboard('{ArrowDown}{Enter}')
  expect(onInspect).toHaveBeenCalledWith({ layer: 1, head: 0 })
  expect(cut()).toEqual([])
})

test('a grid for choosing holds one head: its headers are names, its MLPs are no heads', async () => {
  const press = vi.fn()
  render(
    <HeadGrid
      label="Heads"
      shape={shape}
      layer={{ ...scores, mlps: Array.from({ length: 12 }, () => -1) }}
      stale={false}
      cuts={[]}
      inspected={{ layer: 1, head: 2 }}
      tool={{ press, open: press, many: false }}
      onPoint={() => undefined}
    />,
  )
  const user = userEvent.setup()
  expect(screen.queryByRole('button')).toBeNull()
  expect(cell('Layer 1 head 2, KL 0')).toHaveAttribute('aria-selected', 'true')
  await user.click(cell('Layer 9 head 6, KL 0.420'))
  expect(press).toHaveBeenLastCalledWith([{ layer: 9, head: 6 }])
  expect(cell('Layer 3 MLP, KL −1.00')).toBeInTheDocument()
})
