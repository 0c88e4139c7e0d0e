import { fireEvent, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, test } from 'vitest'
import { Split } from './Split'

function Page() {
  const [share, setShare] = useState(30)
  return (
    <Split
      label="Width"
      share={share}
      min={20}
      max={60}
      standard={30}
      onShare={setShare}
      first="left"
      second="right"
    />
  )
}

test('arrow keys move the divider between its ends, a double click puts it back', async () => {
  render(<Page />)
  const divider = screen.getByRole('separator', { name: 'Width' })
  await userEvent.tab()
  expect(divider).toHaveFocus()
  await userEvent.keyboard('{ArrowRight}')
  expect(divider).toHaveAttribute('aria-valuenow', '32')
  await userEvent.keyboard('{End}{ArrowRight}')
  expect(divider).toHaveAttribute('aria-valuenow', '60')
  await userEvent.keyboard('{Home}')
  expect(divider).toHaveAttribute('aria-valuenow', '20')
  fireEvent.doubleClick(divider)
  expect(divider).toHaveAttribute('aria-valuenow', '30')
})
