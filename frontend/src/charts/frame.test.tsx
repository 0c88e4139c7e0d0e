import { render, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import { ChartFrame, type ChartState } from './ChartFrame'
import { Cursor } from './Cursor'
import { slug } from './download'
import { PictureNote } from './pictureNote'
import * as png from './png'

const table = { columns: ['Token', 'KL'], rows: [['␣Mary', '2.30'] as const] }

const frame = (state?: ChartState) =>
  render(
    <ChartFrame name="KL per token" unit="nats" state={state} height={100} table={() => table}>
      {() => <p>the chart</p>}
    </ChartFrame>,
  )

test('a chart is a named figure and shows its numbers as a table', async () => {
  frame()
  const figure = screen.getByRole('figure', { name: /KL per token/ })
  expect(within(figure).getByText('the chart')).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'KL per token: show table' }))
  expect(screen.getByRole('row', { name: '␣Mary 2.30' })).toBeVisible()
  expect(screen.queryByText('the chart')).toBeNull()
})

test('columns of one name stand side by side', async () => {
  const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const same = { columns: ['Layer', '␣the', '␣the'], rows: [['L0', '1', '2'] as const] }
  render(
    <ChartFrame name="Rank" height={100} table={() => same}>
      {() => 'the chart'}
    </ChartFrame>,
  )
  await userEvent.click(screen.getByRole('button', { name: 'Rank: show table' }))
  expect(screen.getAllByRole('columnheader', { name: '␣the' })).toHaveLength(2)
  expect(complaint).not.toHaveBeenCalled()
})

test('while loading there is a place-holder and nothing to press', () => {
  frame({ kind: 'loading' })
  expect(screen.getByRole('status', { name: 'KL per token is loading' })).toBeVisible()
  expect(screen.queryByRole('button')).toBeNull()
})

test('a picture that cannot be made says why and can be tried again', async () => {
  const picture = vi
    .spyOn(png, 'downloadPng')
    .mockRejectedValueOnce(new Error('The picture is too large.'))
    .mockResolvedValueOnce()
  frame()
  await userEvent.click(screen.getByRole('button', { name: 'KL per token: download PNG' }))
  expect(await screen.findByRole('alert')).toHaveTextContent('The picture is too large.')
  await userEvent.click(screen.getByRole('button', { name: 'Retry' }))
  await waitFor(() => expect(screen.queryByRole('alert')).not.toBeInTheDocument())
  expect(picture).toHaveBeenCalledTimes(2)
})

test('a picture says what experiment it was taken of', async () => {
  const picture = vi.spyOn(png, 'downloadPng').mockResolvedValue()
  render(
    <PictureNote value="“When Mary” · cut: L9H6 zero">
      <ChartFrame name="KL per token" height={100} table={() => ({ columns: [], rows: [] })}>
        {() => 'the chart'}
      </ChartFrame>
    </PictureNote>,
  )
  await userEvent.click(screen.getByRole('button', { name: 'KL per token: download PNG' }))
  expect(picture.mock.lastCall?.[1].caption).toBe('“When Mary” · cut: L9H6 zero')
})

test('what is stale is covered and makes no picture', () => {
  frame({ kind: 'ready', stale: true })
  expect(screen.getByText('KL per token: the new numbers are on their way.')).toBeInTheDocument()
  expect(screen.getByRole('button', { name: /download PNG/ })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
})

test('without numbers it says how to get them', () => {
  frame({ kind: 'empty', note: 'Run inference first.' })
  expect(screen.getByText('Run inference first.')).toBeVisible()
})

test('a failure says why and can be retried', async () => {
  const onRetry = vi.fn()
  frame({ kind: 'error', error: new Error('The queue is full.'), onRetry })
  expect(screen.getByRole('alert')).toHaveTextContent('The queue is full.')
  await userEvent.click(screen.getByRole('button', { name: 'Retry' }))
  expect(onRetry).toHaveBeenCalledOnce()
})

function Walk({ onOpen }: { onOpen: (index: number) => void }) {
  const [index, setIndex] = useState<number | null>(null)
  const textOf = (i: number) => `item ${i}`
  return (
    <Cursor label="Items" count={4} index={index} onMove={setIndex} onOpen={onOpen} textOf={textOf}>
      chart
    </Cursor>
  )
}

test('arrow keys walk over a chart, every step is read, Enter opens', async () => {
  const onOpen = vi.fn()
  render(<Walk onOpen={onOpen} />)
  const slider = screen.getByRole('slider', { name: 'Items' })
  await userEvent.tab()
  expect(slider).toHaveFocus()
  expect(slider).toHaveAttribute('aria-valuetext', 'item 0')
  await userEvent.keyboard('{ArrowRight}{ArrowRight}')
  expect(slider).toHaveAttribute('aria-valuetext', 'item 2')
  await userEvent.keyboard('{End}{ArrowRight}{Enter}')
  expect(onOpen).toHaveBeenCalledExactlyOnceWith(3)
  await userEvent.keyboard('{Home}{ArrowLeft}')
  expect(slider).toHaveAttribute('aria-valuetext', 'item 0')
})

test('a file is named after its chart', () => {
  expect(slug('Rank of ␣Mary')).toBe('rank-of-mary')
})
