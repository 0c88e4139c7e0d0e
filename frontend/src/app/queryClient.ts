import { QueryCache, QueryClient, type Query } from '@tanstack/react-query'
import { ApiError, isAbort } from '@/api/error'
import { keepStreams } from '@/api/streamQuery'

/** A full queue empties by itself; everything else is for the reader to retry. */
const isBusy = (error: unknown) => error instanceof ApiError && error.status === 429

const waitFor = (error: unknown) =>
  Math.min(5, (error instanceof ApiError && error.retryAfter) || 1) * 1000

const isLost = (error: unknown) => error instanceof ApiError && error.isLost

export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError(error) {
        if (isLost(error)) noticeLoss(client)
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
  keepStreams(client)
  return client
}

export const ALIVE = ['alive'] as const

/** Any request that found no server makes the page watch for its return. */
export function noticeLoss(client: QueryClient): void {
  if (client.getQueryData(ALIVE) === false) return
  client.setQueryData(ALIVE, false)
}

/** How often a question is asked again by itself before it is left to the reader. */
const mostRepeats = 3

type Repeats = { readonly count: number; readonly dataUpdatedAt: number }

/**
 * Asks again what found no server: at once, then later and later, and some times at most. A request
 * that takes its connection down each time would else be repeated for ever.
 */
export function createRecovery(client: QueryClient): () => void {
  const known = new Map<string, Repeats>()
  const askAgain = ({ queryKey, queryHash, state: { dataUpdatedAt } }: Query) => {
    const before = known.get(queryHash)
    // What was answered in between starts anew.
    const count = before && before.dataUpdatedAt === dataUpdatedAt ? before.count : 0
    if (count >= mostRepeats) return
    known.set(queryHash, { count: count + 1, dataUpdatedAt })
    const wait = count === 0 ? 0 : 1000 * 2 ** count
    setTimeout(() => void client.invalidateQueries({ queryKey, exact: true }), wait)
  }
  return () =>
    client
      .getQueryCache()
      .findAll({ predicate: ({ state }) => state.status === 'error' && isLost(state.error) })
      .forEach(askAgain)
}
