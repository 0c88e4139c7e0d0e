import { act, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import type { NextToken, TokenMetrics } from '@/api/types'
import { MetricsPanel } from './MetricsPanel'
import { NextTokenChart } from './NextTokenChart'

// Rendering charts takes its time on a busy machine; nothing here is a claim about speed.
vi.setConfig({ testTimeout: 30_000 })

const predicted = (text: string, position: number, kl: number, changed = false): TokenMetrics => ({
  id: position,
  text,
  position,
  kl,
  control_logprob: -1,
  ablated_logprob: -1 - kl,
  top1_changed: changed,
})

const tokens = [predicted(' to', 1, 0), predicted(' Mary', 2, 2, true)]

const panel = (perToken: TokenMetrics[], running = false) => {
  const onSelectToken = vi.fn()
  render(
    <MetricsPanel
      metrics={null}
      perToken={perToken}
      promptLength={2}
      running={running}
      onSelectToken={onSelectToken}
    />,
  )
  return onSelectToken
}

test('a sentence, three metrics and a chart say what happened', () => {
  panel(tokens)
  expect(
    screen.getByText('1 of 2 predictions changed; the model is 2.72× as perplexed.'),
  ).toBeVisible()
  const [kl, perplexity, top1] = screen.getAllByRole('definition')
  expect(kl).toHaveTextContent('1.00nats, mean of 2')
  expect(perplexity).toHaveTextContent('2.72 → 7.39control → ablated, delta +4.67')
  expect(top1).toHaveTextContent('50 %1 of 2 predictions')
  expect(screen.getByRole('figure', { name: /KL per token/ })).toBeVisible()
})

test('Enter on a bar leads to the token, in prompt or continuation', async () => {
  const onSelectToken = panel(tokens)
  const bars = screen.getByRole('slider', { name: /KL per token/ })
  act(() => bars.focus())
  await userEvent.keyboard('{Enter}')
  expect(onSelectToken).toHaveBeenLastCalledWith({ stream: 'prompt', index: 1 })
  await userEvent.keyboard('{ArrowRight}')
  expect(bars).toHaveAttribute(
    'aria-valuetext',
    expect.stringContaining('␣Mary at 2: KL 2.00 nats'),
  )
  await userEvent.keyboard('{Enter}')
  expect(onSelectToken).toHaveBeenLastCalledWith({ stream: 'control', index: 0 })
})

test('before a run the chart says how to get one, during it that it comes', () => {
  panel([])
  expect(screen.getByText(/Run inference to see/)).toBeVisible()
})

test('while tokens arrive the sentence is about those so far', () => {
  panel(tokens.slice(0, 1), true)
  expect(screen.getByText(/both runs make the same 1 prediction/)).toHaveTextContent('So far.')
})

const nextToken: NextToken = {
  candidates: [
    { id: 1, text: ' Mary', control_logprob: Math.log(0.9), ablated_logprob: Math.log(0.2) },
    { id: 2, text: ' John', control_logprob: Math.log(0.05), ablated_logprob: Math.log(0.6) },
  ],
  kl: 1.2,
  top1_changed: true,
}

test('the next token is told, charted and tabled', async () => {
  render(<NextTokenChart nextToken={nextToken} stale={false} />)
  const figure = screen.getByRole('figure', { name: /Next token/ })
  expect(within(figure).getByText(/flips from “␣Mary”/)).toBeVisible()
  act(() => screen.getByRole('slider', { name: /Next token/ }).focus())
  await userEvent.keyboard('{ArrowRight}')
  expect(screen.getByText('␣John: 5.0 % control, 60 % ablated (12.0×)')).toBeVisible()
  await userEvent.click(screen.getByRole('button', { name: 'Next token: show table' }))
  expect(screen.getByRole('row', { name: /␣Mary 90 % 20 %/ })).toBeVisible()
})

test('while the next answer comes nothing is said of the one before', () => {
  render(<NextTokenChart nextToken={nextToken} stale />)
  const figure = screen.getByRole('figure', { name: /Next token/ })
  expect(within(figure).queryByText(/flips from/)).not.toBeInTheDocument()
  expect(within(figure).getByText(/the new numbers are on their way/)).toBeInTheDocument()
})

test('until the first answer the chart is loading', () => {
  render(<NextTokenChart nextToken={null} stale={false} />)
  expect(screen.getByRole('status', { name: 'Next token is loading' })).toBeVisible()
})
