import type { ReactNode } from 'react'
import { number, percent, signed } from '@/lib/format'
import type { Summary } from '@/lib/metrics'
import { Term } from '@/ui/Term'

type CardProps = { term: ReactNode; value: ReactNode; children: ReactNode }

function Card({ term, value, children }: CardProps) {
  return (
    <div className="min-w-0 rounded-lg border border-line px-3 py-2.5">
      <dt className="text-xs text-ink-2">{term}</dt>
      <dd>
        <span className="tabular block text-xl font-semibold tracking-tight text-ink">{value}</span>
        <span className="tabular block text-xs text-ink-3">{children}</span>
      </dd>
    </div>
  )
}

const shown = (value: number | null) => (value === null ? '–' : number(value))

/** The three metrics, each with what it is made of. */
export function MetricCards({ summary }: { summary: Summary }) {
  const { predictions, changed, kl, perplexityControl, perplexityAblated } = summary
  const known = perplexityControl !== null && perplexityAblated !== null
  const delta = known ? perplexityAblated - perplexityControl : null
  return (
    <dl className="grid gap-2 sm:grid-cols-3">
      <Card term={<Term id="kl">KL divergence</Term>} value={shown(kl)}>
        nats, mean of {predictions}
      </Card>
      <Card
        term={<Term id="perplexity">Perplexity</Term>}
        value={
          <>
            <span className="text-control">{shown(perplexityControl)}</span>
            <span className="font-normal text-ink-3"> → </span>
            <span className="text-ablated">{shown(perplexityAblated)}</span>
          </>
        }
      >
        control → ablated{delta !== null && `, delta ${signed(delta)}`}
      </Card>
      <Card
        term={<Term id="top1">Top-1 changed</Term>}
        value={predictions === 0 ? '–' : percent(changed / predictions)}
      >
        {changed} of {predictions} predictions
      </Card>
    </dl>
  )
}
