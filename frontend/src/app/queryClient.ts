import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError, isAbort } from '@/api/error'

/** A full queue empties by itself; everything else is for the reader to retry. */
const isBusy = (error: unknown) => error instanceof ApiError && error.status === 429

const waitFor = (error: unknown) =>
  Math.min(5, (error instanceof ApiError && error.retryAfter) || 1) * 1000

export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError(error) {
        if (error instanceof ApiError && error.isLost) noticeLoss(client)
      },
    }),
    defaultOptions: {
      queries: {
        // The server is often this same computer: reachable without a network.
        networkMode: 'always',
        staleTime: Infinity,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => isBusy(error) && failures < 2 && !isAbort(error),
        retryDelay: (_, error) => waitFor(error),
      },
    },
  })
  return client
}

export const ALIVE = ['alive'] as const

/** Any request that found no server makes the page watch for its return. */
export function noticeLoss(client: QueryClient): void {
  if (client.getQueryData(ALIVE) === false) return
  client.setQueryData(ALIVE, false)
}
