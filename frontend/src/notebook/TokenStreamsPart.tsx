import { useMemo, useState } from 'react'
import type { InferResponse } from '@/api/types'
import { CutChips } from '@/features/grid/CutChips'
import { MetricCards } from '@/features/metrics/MetricCards'
import { runStateOf } from '@/features/streams/run'
import { StreamsPanel } from '@/features/streams/StreamsPanel'
import { withEffect, withoutHeads } from '@/lib/cuts'
import type { TokenRef } from '@/lib/experiment'
import { summarize } from '@/lib/metrics'
import { Refusal } from './Refusal'
import { usePart } from './state'

/** Both texts, token by token, and what the cuts did to the predictions. */
export function TokenStreamsPart() {
  const part = usePart<InferResponse>()
  const { answer, cuts, methods } = part
  const [selected, setSelected] = useState<TokenRef | null>(null)
  const run = useMemo(() => {
    const view = {
      status: 'done',
      queued: null,
      partial: null,
      result: answer,
      error: null,
    } as const
    return runStateOf(null, view)
  }, [answer])
  return (
    <div className="grid gap-5">
      <StreamsPanel
        run={run}
        outdated={part.stale}
        selected={selected}
        onSelect={setSelected}
        onRun={() => part.cut(cuts)}
        blocked={null}
      />
      <MetricCards summary={summarize(answer.metrics.per_token)} />
      <CutChips
        cuts={cuts}
        methods={methods}
        tokens={answer.prompt_tokens}
        onRemove={(site) => part.cut(withoutHeads(cuts, [site]))}
        onEffect={(site, effect) => part.cut(withEffect(cuts, site, effect))}
        onInspect={() => undefined}
      />
      <Refusal>{part.refusal}</Refusal>
    </div>
  )
}
