/** Requests answered as streams, in the query cache: the result, and beside it what has come so far. */

import {
  queryOptions,
  skipToken,
  useQuery,
  type QueryClient,
  type QueryKey,
} from '@tanstack/react-query'
import { postStream, type Event } from './stream'
import type { QueuedEvent } from './types'

/**
 * Milliseconds between two pictures: events closer together are shown as one. Every other frame will
 * do: on a small machine a picture takes its time from what is measured.
 */
const pause = 33

/** What was made stays restorable for an hour. */
const gcTime = 60 * 60_000

type Request = { readonly path: string; readonly body: unknown }

/** A request answered by events; `step` says what is known after one more of them. */
export type Stream<Result, Partial> = Request & {
  readonly step: (known: Partial | null, event: Event) => Partial | null
  /** Milliseconds before anything is shown: what is whole by then is drawn once, not in parts. */
  readonly whole?: number
  /** Never there: carries the type of the result. */
  readonly result?: Result
}

type SoFar<Partial> = {
  /** Requests in front of this one. */
  readonly queued: number | null
  readonly partial: Partial | null
}

const NOTHING: SoFar<never> = { queued: null, partial: null }

export const streamKey = ({ path, body }: Request): QueryKey => [path, body]

const soFarKey = (key: QueryKey): QueryKey => ['so far', ...key]

/** Keyed by path and body; cancelling the query ends the work on the server. */
export const streamOptions = <Result, Partial>(stream: Stream<Result, Partial>) =>
  queryOptions({
    queryKey: streamKey(stream),
    gcTime,
    queryFn: async ({ client, queryKey, signal }) => {
      const report = reporter<Partial>(client, queryKey, signal, stream.whole)
      const onEvent = (event: Event) =>
        report.set(
          event.name === 'queued'
            ? { ...report.get(), queued: (event.value as QueuedEvent).position }
            : { queued: null, partial: stream.step(report.get().partial, event) },
        )
      try {
        const result = await postStream<Result>(stream.path, stream.body, onEvent, signal)
        report.end()
        return result
      } catch (error) {
        report.flush()
        throw error
      }
    },
  })

/** Shows what comes, not too often; what has come when the reader stops stays as it is. */
function reporter<Partial>(client: QueryClient, key: QueryKey, signal: AbortSignal, whole = 0) {
  const earliest = performance.now() + whole
  let known: SoFar<Partial> = { ...NOTHING }
  let timer: ReturnType<typeof setTimeout> | null = null
  const show = () => {
    timer = null
    client.setQueryData(soFarKey(key), known)
  }
  show()
  return {
    get: () => known,
    set(next: SoFar<Partial>) {
      if (signal.aborted) return
      known = next
      timer ??= setTimeout(show, Math.max(pause, earliest - performance.now()))
    },
    /** The result stands in the place of what has come. */
    end() {
      if (timer !== null) clearTimeout(timer)
    },
    flush() {
      this.end()
      show()
    },
  }
}

/** What the cache needs to know of the entries that hold what has come. */
export function keepStreams(client: QueryClient): void {
  client.setQueryDefaults(soFarKey([]), { gcTime, structuralSharing: false })
}

export type StreamView<Result, Partial> = {
  readonly status: 'idle' | 'running' | 'stopped' | 'failed' | 'done'
  readonly queued: number | null
  readonly partial: Partial | null
  readonly result: Result | null
  readonly error: unknown
}

/** Forgets a stream's answer and asks anew, whoever looks. */
export function restart<Result, Partial>(
  client: QueryClient,
  stream: Stream<Result, Partial>,
): Promise<void> {
  const options = streamOptions(stream)
  client.getQueryCache().find({ queryKey: options.queryKey, exact: true })?.reset()
  return client.prefetchQuery(options)
}

/** Ends the work; what has come stays. */
export const stop = (client: QueryClient, stream: Request): Promise<void> =>
  client.cancelQueries({ queryKey: streamKey(stream), exact: true })

/** Anything known of a stream: its result, or what has come. */
export const isKnown = (client: QueryClient, stream: Request): boolean =>
  client.getQueryData(streamKey(stream)) !== undefined ||
  client.getQueryData(soFarKey(streamKey(stream))) !== undefined

/** A stream's end alone: what comes before it renders nothing. */
export function useStreamResult<Result, Partial>(
  stream: Stream<Result, Partial> | null,
  { enabled = false } = {},
) {
  const options = stream && streamOptions(stream)
  const { data, error, fetchStatus } = useQuery({
    queryKey: options?.queryKey ?? ['no stream'],
    gcTime,
    queryFn: options?.queryFn ?? skipToken,
    enabled: enabled && stream !== null,
  })
  return { running: fetchStatus === 'fetching', result: data ?? null, error }
}

/** A stream as far as it is; asks by itself where `enabled`, else only when restarted. */
export function useStream<Result, Partial>(
  stream: Stream<Result, Partial> | null,
  { enabled }: { enabled: boolean },
): StreamView<Result, Partial> {
  const { running, result, error } = useStreamResult(stream, { enabled })
  const { data: soFar } = useQuery<SoFar<Partial>>({
    queryKey: soFarKey(stream ? streamKey(stream) : ['no stream']),
    queryFn: skipToken,
  })
  const ended = result !== null ? 'done' : error ? 'failed' : soFar ? 'stopped' : 'idle'
  return {
    status: running ? 'running' : ended,
    queued: running ? (soFar?.queued ?? null) : null,
    partial: soFar?.partial ?? null,
    result,
    error,
  }
}
