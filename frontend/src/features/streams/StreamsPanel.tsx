import { useEffect, useId, useLayoutEffect, useRef, type ReactNode } from 'react'
import { alignStreams } from '@/lib/align'
import type { TokenRef } from '@/lib/experiment'
import { count } from '@/lib/format'
import { Button } from '@/ui/Button'
import { Cover } from '@/ui/Cover'
import { EmptyNote } from '@/ui/EmptyNote'
import { ErrorNote } from '@/ui/ErrorNote'
import { Skeleton } from '@/ui/Skeleton'
import { Term } from '@/ui/Term'
import { TokenFlow } from './TokenFlow'
import type { RunState } from './run'

type Props = {
  run: RunState
  /** The page has changed since this run; the text is of the earlier experiment. */
  outdated: boolean
  selected: TokenRef | null
  onSelect: (ref: TokenRef) => void
  onRun: () => void
  /** Why nothing can be run now. */
  blocked: string | null
}

function statusOf({ status, queued, control, ablated, body }: RunState): string {
  const steps = Math.max(control.length, ablated.length)
  if (status === 'running' && queued) return `${count(queued, 'run')} in front of yours`
  if (status === 'running') return `token ${steps} of ${body?.max_new_tokens ?? steps}`
  if (status === 'stopped') return `stopped after ${count(steps, 'token')}`
  return ''
}

/** What a screen reader hears: that it begins and how it ends, not each token. */
function tell(run: RunState): string {
  const { status, queued, control, ablated } = run
  if (status === 'running') {
    return queued ? `${count(queued, 'run')} in front of yours` : 'Both texts are being written.'
  }
  if (status === 'stopped') return statusOf(run)
  if (status !== 'done') return ''
  const { firstDifference } = alignStreams(control, ablated, false)
  return firstDifference === null
    ? `Both texts are written, ${count(control.length, 'token')}: they are the same.`
    : `Both texts are written. They part at token ${firstDifference}.`
}

export function StreamsPanel(props: Props) {
  const id = useId()
  const { run, blocked, onRun } = props
  const warnings = run.result?.warnings ?? []
  return (
    <section aria-labelledby={id}>
      <header className="mb-2.5 flex flex-wrap items-center gap-x-4 gap-y-1">
        <h3 id={id} className="text-sm font-medium text-ink">
          What the model writes
        </h3>
        <p aria-hidden className="tabular text-xs text-ink-3">
          {statusOf(run)}
        </p>
        <p role="status" className="sr-only">
          {tell(run)}
        </p>
        <span className="ml-auto">
          <Shade />
        </span>
      </header>
      {run.status === 'failed' && (
        <div className="mb-3">
          <ErrorNote error={run.error} onRetry={blocked === null ? onRun : undefined} />
        </div>
      )}
      <Steady held={run.status === 'running'}>
        <Text {...props} />
      </Steady>
      {warnings.map((warning) => (
        <p key={warning} className="mt-3 text-xs text-warn">
          ⚠ {warning}
        </p>
      ))}
    </section>
  )
}

/** As high as before while the texts are written anew, so that nothing below them moves. */
function Steady({ held, children }: { held: boolean; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  const height = useRef(0)
  useEffect(() => {
    if (box.current === null || typeof ResizeObserver === 'undefined') return
    // Told, not asked: asking would lay out the page once more with each cut.
    const observer = new ResizeObserver(([entry]) => {
      height.current = entry?.contentRect.height ?? 0
    })
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    if (box.current) box.current.style.minHeight = held ? `${height.current}px` : ''
  }, [held])
  return <div ref={box}>{children}</div>
}

function Text({ run, outdated, selected, onSelect, onRun, blocked }: Props) {
  if (run.promptTokens.length === 0) {
    return run.status === 'running' ? (
      <Skeleton className="h-20" label="The model reads the prompt" />
    ) : (
      <EmptyNote>Run inference to see what the model writes, intact and cut.</EmptyNote>
    )
  }
  return (
    <Cover
      when={outdated && run.status !== 'running'}
      note="Written before your last change."
      action={
        <Button size="small" onClick={onRun} disabledReason={blocked}>
          Run inference
        </Button>
      }
    >
      <TokenFlow run={run} selected={selected} onSelect={onSelect} />
    </Cover>
  )
}

/** What the tint behind a token means. */
const Shade = () => (
  <span className="inline-flex items-center gap-1.5 text-xs text-ink-3">
    <span
      aria-hidden
      className="h-2.5 w-10 rounded-sm"
      style={{ background: 'linear-gradient(to right, var(--surface), var(--shift-hi))' }}
    />
    <Term id="kl">shade: KL</Term>
  </span>
)
