import { useMemo } from 'react'
import { tellAgainst } from '@/features/evidence/RunList'
import { ScoreChart } from '@/features/scatter/ScoreChart'
import type { Run } from '@/api/types'
import type { GridLayer } from '@/lib/layer'
import { EmptyNote } from '@/ui/EmptyNote'
import type { Evidence } from './useEvidence'

const PICK = { verb: 'shows a head’s items', hint: 'A press on a point shows its head’s items.' }

const named = (layer: GridLayer | null, run: Run | null, other: Run | null): GridLayer | null =>
  layer && run ? { ...layer, name: run.title || tellAgainst(run, other ?? run) } : null

/** Two runs against each other, heads as points. */
export function ComparePanel({ evidence }: { evidence: Evidence }) {
  const { question, findings, other, update } = evidence
  const x = useMemo(() => named(findings.layer, findings.run, other.run), [findings, other])
  const y = useMemo(() => named(other.layer, other.run, findings.run), [findings, other])
  if (question.run === null || question.against === null) {
    return <EmptyNote>Show one run and compare another: heads become points.</EmptyNote>
  }
  return (
    <ScoreChart
      x={x}
      y={y}
      error={findings.error ?? other.error}
      onRetry={() => {
        findings.retry()
        other.retry()
      }}
      scale="linear"
      cuts={[]}
      pick={PICK}
      onPick={(focus) => update({ focus, tab: 'items' })}
    />
  )
}
