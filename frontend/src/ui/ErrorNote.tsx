import { Button } from './Button'

type Props = {
  /** The sentence to show; errors of the API carry one. */
  error: unknown
  onRetry?: () => void
}

const sentence = (error: unknown) =>
  error instanceof Error ? error.message : 'Something went wrong.'

const waitOf = (error: unknown): number | null =>
  typeof error === 'object' && error !== null && 'retryAfter' in error
    ? (error.retryAfter as number | null)
    : null

/** The same request again would be refused again. */
const isRefusal = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'isRefusal' in error && Boolean(error.isRefusal)

/** A failed request says why and offers a retry where that can help. */
export function ErrorNote({ error, onRetry }: Props) {
  const text = sentence(error)
  // Some of the server's sentences say it themselves.
  const wait = /\bseconds?\b/.test(text) ? null : waitOf(error)
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-ablated/40 bg-ablated-soft px-3 py-2 text-sm text-ink"
    >
      <span aria-hidden className="font-semibold text-ablated">
        !
      </span>
      <span className="min-w-0 flex-1 basis-48 text-pretty">
        {text}
        {wait ? ` Try again in ${Math.ceil(wait)} s.` : null}
      </span>
      {onRetry && !isRefusal(error) && (
        <Button size="small" onClick={onRetry}>
          Retry
        </Button>
      )}
    </div>
  )
}
