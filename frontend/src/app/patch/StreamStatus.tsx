import { Button } from '@/ui/Button'
import { cx } from '@/ui/cx'
import { ErrorNote } from '@/ui/ErrorNote'
import { useStop } from '@/ui/useStop'

type Props = {
  view: {
    readonly status: 'idle' | 'running' | 'stopped' | 'failed' | 'done'
    readonly queued: number | null
    readonly error: unknown
    readonly stop: () => void
    readonly again: () => void
  }
  /** Share of the work that is done; null while that is not known. */
  share: number | null
  /** What is measured, e.g. “patches”. */
  what: string
  /** Beside a heading: what is measured is seen there, and said to those who do not see. */
  brief?: boolean
}

/** How far a measurement is, with a way to end it and to begin again; nothing where it is done. */
export function StreamStatus({ view, share, what, brief = false }: Props) {
  const { status, queued, error, again } = view
  const running = status === 'running'
  const stop = useStop(running, view.stop)
  if (status === 'failed') return <ErrorNote error={error} onRetry={again} />
  if (!running && status !== 'stopped') return null
  return (
    <div className="flex flex-wrap items-center gap-2 text-xs text-ink-2">
      {running && (
        <progress
          aria-label={`${what} measured`}
          max={1}
          value={share ?? undefined}
          className={cx('h-1.5', brief ? 'w-8' : 'w-20')}
        />
      )}
      <span role="status" className={brief ? 'sr-only' : undefined}>
        {running ? (queued ? `${queued} in front` : `Measuring ${what}`) : 'Stopped'}
      </span>
      <Button
        size="small"
        className={brief ? 'pointer-fine:-my-1.5' : undefined}
        onClick={running ? stop : again}
      >
        {running ? 'Stop' : 'Measure again'}
      </Button>
    </div>
  )
}
