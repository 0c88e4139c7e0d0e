import type { Run } from '@/api/types'
import { HeadBars } from '@/features/evidence/HeadBars'
import { tellEvidence, tellTest } from '@/lib/evidence'
import type { Head } from '@/lib/heads'
import { EmptyNote } from '@/ui/EmptyNote'
import { CircuitFound } from './CircuitFound'
import type { Findings } from './useEvidence'

type Props = { findings: Findings; onOpen: (head: Head) => void }

/** Which heads matter over the task, how much, and how sure that is. */
export function HeadsPanel({ findings, onOpen }: Props) {
  const { run, summary, heads, meaning, circuit, circuitLink } = findings
  if (!run) {
    return (
      <EmptyNote>
        Choose a task and start a run: every head’s mean, with its interval, grows here while the
        items are measured.
      </EmptyNote>
    )
  }
  if (circuit) {
    return (
      <CircuitFound finding={circuit} link={circuitLink}>
        <RunFiles run={run} />
      </CircuitFound>
    )
  }
  if (!summary) return <EmptyNote>No item is measured yet.</EmptyNote>
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <p className="text-sm text-pretty text-ink-2">{tellEvidence(summary, heads)}</p>
      <HeadBars heads={heads} meaning={meaning} caption={tellTest(summary)} onOpen={onOpen} />
      <RunFiles run={run} />
    </div>
  )
}

/** The run's numbers as files. */
function RunFiles({ run }: { run: Run }) {
  return (
    <p className="flex flex-wrap gap-2 text-xs text-ink-3">
      Take it along:
      {(['json', 'csv', 'parquet'] as const).map((format) => (
        <a
          key={format}
          href={`/runs/${encodeURIComponent(run.id)}/results?format=${format}`}
          download={`run-${run.id.slice(0, 12)}.${format}`}
          className="text-ink-2 underline underline-offset-2 hover:text-ink"
        >
          {format === 'parquet' ? 'Parquet' : format.toUpperCase()}
        </a>
      ))}
    </p>
  )
}
