import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import { NumberField } from './NumberField'
import { Tabs } from './Tabs'
import { Term } from './Term'
import { placeBeside, shiftIntoView } from './useFloating'

test('a term explains itself on hover and on focus, with a source', async () => {
  const user = userEvent.setup()
  render(<Term id="kl">KL</Term>)
  await user.tab()
  const term = screen.getByRole('button', { name: 'KL' })
  expect(term).toHaveFocus()
  expect(term).toHaveAccessibleDescription(/How far the ablated distribution/)
  await user.tab()
  expect(screen.getByRole('link', { name: /Kullback and Leibler/ })).toHaveFocus()
  await user.tab()
  expect(screen.queryByRole('tooltip')).not.toBeInTheDocument()
  await user.hover(term)
  expect(screen.getByRole('tooltip')).toBeInTheDocument()
  await user.keyboard('{Escape}')
})

test('tabs are one tab stop and arrows select', async () => {
  const user = userEvent.setup()
  function Page() {
    const [tab, setTab] = useState<'a' | 'b'>('a')
    const tabs = [
      { id: 'a', label: 'First' },
      { id: 'b', label: 'Second' },
    ] as const
    return (
      <Tabs label="Lenses" tabs={tabs} selected={tab} onSelect={setTab}>
        panel {tab}
      </Tabs>
    )
  }
  render(<Page />)
  await user.tab()
  await user.keyboard('{ArrowRight}')
  expect(screen.getByRole('tab', { name: 'Second', selected: true })).toHaveFocus()
  expect(screen.getByRole('tabpanel', { name: 'Second' })).toHaveTextContent('panel b')
})

test('a number field takes over what is valid and falls back on leaving', async () => {
  const user = userEvent.setup()
  function Page() {
    const [value, setValue] = useState<number | null>(5)
    return (
      <>
        <NumberField
          label="Top-k"
          value={value}
          onChange={setValue}
          min={1}
          max={10}
          placeholder="all"
        />
        <output>{String(value)}</output>
      </>
    )
  }
  render(<Page />)
  const field = screen.getByRole('spinbutton', { name: 'Top-k' })
  await user.clear(field)
  expect(screen.getByRole('status')).toHaveTextContent('null')
  await user.type(field, '7')
  expect(screen.getByRole('status')).toHaveTextContent('7')
  await user.type(field, '7')
  expect(field).toBeInvalid()
  await user.tab()
  expect(field).toHaveValue(7)
})

test('what floats stays inside the window', () => {
  const view = { width: 390, height: 800 }
  const size = { width: 300, height: 100 }
  const at = (left: number, top: number) =>
    placeBeside({ left, width: 20, top, bottom: top + 20 }, size, view)
  expect(at(0, 100)).toEqual({ left: 8, top: 126 })
  expect(at(380, 100)).toEqual({ left: 82, top: 126 })
  expect(at(200, 770).top).toBe(664)
})

test('a panel that would leave the window is shifted into it', () => {
  const panel = document.createElement('div')
  vi.spyOn(document.documentElement, 'clientWidth', 'get').mockReturnValue(390)
  const place = vi.spyOn(panel, 'getBoundingClientRect')
  place.mockReturnValue(new DOMRect(-232, 0, 358, 100))
  shiftIntoView(panel)
  expect(panel.style.translate).toBe('240px 0')
  place.mockReturnValue(new DOMRect(100, 0, 358, 100))
  shiftIntoView(panel)
  expect(panel.style.translate).toBe('-76px 0')
})
