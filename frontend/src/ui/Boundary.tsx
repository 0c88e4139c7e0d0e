import { Suspense, type ReactNode } from 'react'
import { ErrorBoundary } from 'react-error-boundary'
import { ErrorNote } from './ErrorNote'
import { forgetFailures } from './lazyPart'
import { Skeleton } from './Skeleton'

type Props = {
  /** What stands inside, e.g. "Scores". */
  name: string
  /** Stands in while it loads; by default a grey panel. */
  placeholder?: ReactNode
  children: ReactNode
}

const isNotLoaded = (error: unknown) =>
  error instanceof Error && /import|module|load/i.test(error.message)

const sentence = (name: string, error: unknown) =>
  new Error(
    isNotLoaded(error)
      ? `“${name}” could not be loaded from the server. Everything else goes on.`
      : `“${name}” failed: ${error instanceof Error ? error.message : 'for no stated reason'}. Everything else goes on.`,
  )

/** What fails or loads inside stays inside; the retry really loads again. */
export function Boundary({ name, placeholder, children }: Props) {
  return (
    <ErrorBoundary
      onReset={forgetFailures}
      fallbackRender={({ error, resetErrorBoundary }) => (
        <ErrorNote error={sentence(name, error)} onRetry={resetErrorBoundary} />
      )}
    >
      <Suspense
        fallback={placeholder ?? <Skeleton className="h-72" label={`${name} is loading`} />}
      >
        {children}
      </Suspense>
    </ErrorBoundary>
  )
}
