import { useState } from 'react'
import type { TokenMetrics } from '@/api/types'
import { ChartFrame, type ChartState } from '@/charts/ChartFrame'
import { Cursor } from '@/charts/Cursor'
import type { ChartTable, LegendItem } from '@/charts/types'
import { useWidth } from '@/charts/useWidth'
import type { TokenRef } from '@/lib/experiment'
import { number, probability, visible } from '@/lib/format'
import { Term } from '@/ui/Term'
import { KlBars } from './KlBars'

type Props = {
  tokens: readonly TokenMetrics[]
  promptLength: number
  running: boolean
  onSelectToken: (ref: TokenRef) => void
}

const NAME = 'KL per token'

const LEGEND: readonly LegendItem[] = [
  { label: 'first choice kept', color: '--chart-axis', mark: 'bar' },
  { label: 'first choice changed', color: '--chart-ablated', mark: 'triangle' },
]

const refOf = (position: number, promptLength: number): TokenRef =>
  position < promptLength
    ? { stream: 'prompt', index: position }
    : { stream: 'control', index: position - promptLength }

const describe = (token: TokenMetrics) =>
  `${visible(token.text)} at ${token.position}: KL ${number(token.kl)} nats, probability ` +
  `${probability(token.control_logprob)} → ${probability(token.ablated_logprob)}` +
  (token.top1_changed ? ', first choice changed' : '')

const tableOf = (tokens: readonly TokenMetrics[]): ChartTable => ({
  columns: ['Token', 'Position', 'KL (nats)', 'p control', 'p ablated', 'First choice'],
  rows: tokens.map((token) => [
    visible(token.text),
    token.position,
    number(token.kl),
    probability(token.control_logprob),
    probability(token.ablated_logprob),
    token.top1_changed ? 'changed' : 'kept',
  ]),
})

/** Where in the text the surgery shows; a bar leads to its token. */
export function KlPerTokenChart({ tokens, promptLength, running, onSelectToken }: Props) {
  const [active, setActive] = useState<number | null>(null)
  const { ref, width } = useWidth()
  const current = active === null ? undefined : tokens[active]
  const open = (index: number) => {
    const token = tokens[index]
    if (token) onSelectToken(refOf(token.position, promptLength))
  }
  const state: ChartState =
    tokens.length > 0
      ? { kind: 'ready' }
      : running
        ? { kind: 'loading' }
        : { kind: 'empty', note: 'Run inference to see at which tokens the two runs disagree.' }

  return (
    <ChartFrame
      name={NAME}
      unit="nats"
      title={<Term id="kl">{NAME}</Term>}
      legend={LEGEND}
      state={state}
      height={190}
      table={() => tableOf(tokens)}
    >
      {() => (
        <div ref={ref}>
          <Cursor
            label={`${NAME}. Arrow keys read, Enter shows the token in the lens.`}
            count={tokens.length}
            index={active}
            onMove={setActive}
            onOpen={open}
            textOf={(index) => (tokens[index] ? describe(tokens[index]) : '')}
            className="overflow-x-auto rounded-md"
          >
            <KlBars
              tokens={tokens}
              promptLength={promptLength}
              width={Math.max(width, tokens.length * 7 + 56)}
              active={active}
              onActive={setActive}
              onOpen={open}
            />
          </Cursor>
          <p data-no-picture className="min-h-4.5 text-xs text-ink-2">
            {current ? describe(current) : 'A bar leads to its token in the lens.'}
          </p>
        </div>
      )}
    </ChartFrame>
  )
}
