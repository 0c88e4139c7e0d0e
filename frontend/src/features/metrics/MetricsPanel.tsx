import type { Metrics, TokenMetrics } from '@/api/types'
import type { TokenRef } from '@/lib/experiment'
import { summarize, tellMetrics } from '@/lib/metrics'
import { unbroken } from '@/lib/quotes'
import { KlPerTokenChart } from './KlPerTokenChart'
import { MetricCards } from './MetricCards'

type Props = {
  /** The engine's means; null until the run has ended. */
  metrics: Metrics | null
  /** The predictions so far; grows while tokens arrive. */
  perToken: readonly TokenMetrics[]
  promptLength: number
  running: boolean
  onSelectToken: (ref: TokenRef) => void
}

/** What the surgery did to the predictions: in a sentence, in numbers, token by token. */
export function MetricsPanel({ metrics, perToken, promptLength, running, onSelectToken }: Props) {
  const tokens = metrics?.per_token ?? perToken
  const summary = summarize(tokens)
  const empty = tokens.length === 0

  return (
    <div className="space-y-4">
      <p aria-live={running ? 'off' : 'polite'} className="text-base text-pretty text-ink">
        {empty && running
          ? 'The first predictions are on their way.'
          : unbroken(tellMetrics(summary))}
        {running && !empty && <span className="text-ink-3"> So far.</span>}
      </p>
      <MetricCards summary={summary} />
      <KlPerTokenChart
        tokens={tokens}
        promptLength={promptLength}
        running={running}
        onSelectToken={onSelectToken}
      />
    </div>
  )
}
