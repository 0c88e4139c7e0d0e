import { act, render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import { Button } from './Button'
import { Menu } from './Menu'
import { NumberField } from './NumberField'
import { Tabs } from './Tabs'
import { Term } from './Term'

test('a term explains itself on a press, with a source, and Escape gives the focus back', async () => {
  const user = userEvent.setup()
  const onEscape = vi.fn()
  window.addEventListener('keydown', onEscape)
  render(<Term id="kl">KL</Term>)
  await user.tab()
  const term = screen.getByRole('button', { name: 'KL' })
  expect(term).toHaveFocus()
  await user.keyboard('{Enter}')
  const note = await screen.findByRole('dialog')
  expect(await within(note).findByRole('link', { name: /Kullback and Leibler/ })).toBeVisible()
  expect(note).toHaveTextContent(/How far the ablated distribution/)
  onEscape.mockClear()
  await user.keyboard('{Escape}')
  expect(screen.queryByRole('dialog')).not.toBeInTheDocument()
  // The page does not hear of it: the run goes on.
  expect(onEscape).not.toHaveBeenCalled()
  expect(term).toHaveFocus()
  window.removeEventListener('keydown', onEscape)
})

test('a disabled control says why to those who press or tap it', async () => {
  const onClick = vi.fn()
  render(
    <Button onClick={onClick} disabledReason="No head is cut.">
      Clear
    </Button>,
  )
  const button = screen.getByRole('button', { name: 'Clear' })
  expect(button).toHaveAccessibleDescription('No head is cut.')
  await userEvent.click(button)
  expect(await screen.findByRole('dialog')).toHaveTextContent('No head is cut.')
  expect(onClick).not.toHaveBeenCalled()
})

test('a menu is walked by arrows, and what cannot be had says why', async () => {
  const onChoose = vi.fn()
  render(
    <Menu
      label="Export"
      entries={[
        { label: 'Tokens', note: 'both texts', disabledReason: 'Run first.', onChoose },
        { label: 'Scores', note: 'one row per head', onChoose },
      ]}
    />,
  )
  const trigger = () => screen.getByRole('button', { name: 'Export' })
  act(() => trigger().focus())
  await userEvent.keyboard('{Enter}')
  const tokens = await screen.findByRole('menuitem', { name: /Tokens.*Run first/ })
  await userEvent.click(tokens)
  expect(onChoose).not.toHaveBeenCalled()
  await userEvent.keyboard('{ArrowDown}{Enter}')
  expect(onChoose).toHaveBeenCalledTimes(1)
  await waitFor(() => expect(trigger()).toHaveFocus())
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
