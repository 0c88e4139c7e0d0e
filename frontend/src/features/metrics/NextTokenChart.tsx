import { useState } from 'react'
import type { NextToken } from '@/api/types'
import { ChartFrame, type ChartState } from '@/charts/ChartFrame'
import { Cursor } from '@/charts/Cursor'
import type { ChartTable, LegendItem } from '@/charts/types'
import { useWidth } from '@/charts/useWidth'
import { number, probability, visible } from '@/lib/format'
import { tellNextToken, topCandidates } from '@/lib/nextToken'
import { Segmented } from '@/ui/Segmented'
import { barsHeight, NextTokenBars } from './NextTokenBars'

type Props = {
  /** null until the first answer. */
  nextToken: NextToken | null
  /** A newer answer is on its way. */
  stale: boolean
}

type Candidate = NextToken['candidates'][number]

const NAME = 'Next token'
/** Always as many, so that nothing below moves. */
const ROWS = 6

const LEGEND: readonly LegendItem[] = [
  { label: 'control', color: '--chart-control', mark: 'bar' },
  { label: 'ablated', color: '--chart-ablated', mark: 'hatched' },
]

const SCALES = [
  { id: 'linear', label: 'Linear' },
  { id: 'log', label: 'Log' },
] as const
type Scale = (typeof SCALES)[number]['id']

const describe = ({ text, control_logprob, ablated_logprob }: Candidate) =>
  `${visible(text)}: ${probability(control_logprob)} control, ${probability(ablated_logprob)} ` +
  `ablated (${number(Math.exp(ablated_logprob - control_logprob))}×)`

const tableOf = (candidates: readonly Candidate[]): ChartTable => ({
  columns: ['Token', 'p control', 'p ablated', 'log p control', 'log p ablated'],
  rows: candidates.map((c) => [
    visible(c.text),
    probability(c.control_logprob),
    probability(c.ablated_logprob),
    number(c.control_logprob),
    number(c.ablated_logprob),
  ]),
})

/** The distribution right after the prompt: the likeliest tokens of both runs, paired. */
export function NextTokenChart({ nextToken, stale }: Props) {
  const [scale, setScale] = useState<Scale>('linear')
  const [active, setActive] = useState<number | null>(null)
  const { ref, width } = useWidth(480)
  const candidates = topCandidates(nextToken?.candidates ?? [], ROWS)
  const current = active === null ? undefined : candidates[active]
  const state: ChartState = nextToken ? { kind: 'ready', stale } : { kind: 'loading' }

  return (
    <ChartFrame
      name={NAME}
      unit="probability"
      legend={LEGEND}
      state={state}
      height={barsHeight(ROWS)}
      caption={nextToken && !stale ? tellNextToken(nextToken) : undefined}
      table={() => tableOf(candidates)}
      actions={
        <Segmented
          label="Scale of probabilities"
          options={SCALES}
          value={scale}
          onChange={setScale}
        />
      }
    >
      {() => (
        <div ref={ref}>
          <Cursor
            label="Next token, control against ablated. Arrow keys read."
            count={candidates.length}
            index={active}
            onMove={setActive}
            textOf={(index) => (candidates[index] ? describe(candidates[index]) : '')}
            className="rounded-md"
          >
            <NextTokenBars
              candidates={candidates}
              rows={ROWS}
              logarithmic={scale === 'log'}
              width={width}
              active={active}
              onActive={setActive}
            />
          </Cursor>
          <p data-no-picture className="min-h-4.5 text-xs text-ink-2">
            {current ? describe(current) : ''}
          </p>
        </div>
      )}
    </ChartFrame>
  )
}
