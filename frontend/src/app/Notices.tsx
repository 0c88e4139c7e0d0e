import { ErrorNote } from '@/ui/ErrorNote'

type Props = {
  alive: boolean
  /** Why the list of models could not be read, though the server answers. */
  error: unknown
  onRetry: () => void
}

/** What concerns the whole page: a lost server, models that cannot be listed. */
export function Notices({ alive, error, onRetry }: Props) {
  return (
    <div className="grid gap-2 empty:hidden">
      {!alive && (
        <div
          role="alert"
          className="flex items-center gap-2.5 rounded-lg border border-ablated/40 bg-ablated-soft px-3 py-2 text-sm"
        >
          <span aria-hidden className="size-2.5 animate-pulse rounded-full bg-cut" />
          The server does not answer. Looking for it every second; your experiment is kept.
        </div>
      )}
      {alive && Boolean(error) && <ErrorNote error={error} onRetry={onRetry} />}
    </div>
  )
}
