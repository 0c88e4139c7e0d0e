import { QueryCache, QueryClient, skipToken, type Query } from '@tanstack/react-query'
import { ApiError, isAbort } from '@/api/error'
import { keepStreams } from '@/api/streamQuery'

/** A full queue empties by itself; everything else is for the reader to retry. */
const isBusy = (error: unknown) => error instanceof ApiError && error.status === 429

const waitFor = (error: unknown) =>
  Math.min(5, (error instanceof ApiError && error.retryAfter) || 1) * 1000

const isLost = (error: unknown) => error instanceof ApiError && error.isLost

const isBroken = (error: unknown) => error instanceof ApiError && error.isBroken

export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError(error) {
        if (isLost(error)) noticeLoss(client)
        // Whether the server broke off or is gone, its probe says.
        if (isBroken(error)) void client.invalidateQueries({ queryKey: ALIVE })
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

/**
 * Asks anew what failed, if somebody looks at it. What is asked only by a button was asked for too:
 * a run is begun again as well.
 */
export function askAgain(client: QueryClient, query: Query): void {
  const { queryKey } = query
  void client.invalidateQueries({ queryKey, exact: true })
  const isByButton = query.getObserversCount() > 0 && query.isDisabled()
  if (isByButton && query.options.queryFn !== skipToken) query.fetch().catch(() => undefined)
}

/** How often a question is asked again by itself before it is left to the reader. */
const mostRepeats = 3

type Repeats = { readonly count: number; readonly dataUpdatedAt: number }

/**
 * Asks again what found no server: at once, then later and later, and some times at most. A request
 * that takes its connection down each time would else be repeated for ever. Told of each probe, it
 * knows which streams broke with the server; one that broke under a living server is its own failure.
 */
export function createRecovery(client: QueryClient) {
  const known = new Map<string, Repeats>()
  let answered = Date.now()
  const repeat = (query: Query) => {
    const { queryHash, state } = query
    const before = known.get(queryHash)
    // What was answered in between starts anew.
    const count = before && before.dataUpdatedAt === state.dataUpdatedAt ? before.count : 0
    if (count >= mostRepeats) return
    known.set(queryHash, { count: count + 1, dataUpdatedAt: state.dataUpdatedAt })
    setTimeout(() => askAgain(client, query), count === 0 ? 0 : 1000 * 2 ** count)
  }
  const isOfTheLoss = ({ state: { status, error, errorUpdatedAt } }: Query) =>
    status === 'error' && (isLost(error) || (isBroken(error) && errorUpdatedAt >= answered))
  return {
    /** The server answers; `again`: it did not before. */
    isAlive(again: boolean) {
      if (again) client.getQueryCache().findAll({ predicate: isOfTheLoss }).forEach(repeat)
      answered = Date.now()
    },
  }
}
