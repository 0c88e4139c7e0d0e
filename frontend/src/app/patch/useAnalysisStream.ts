import { useQueryClient } from '@tanstack/react-query'
import { restart, stop, useStream, type Stream } from '@/api/streamQuery'

/** A stream with what ends it and begins it again. */
export function useAnalysisStream<Result, Partial>(
  stream: Stream<Result, Partial> | null,
  enabled: boolean,
) {
  const client = useQueryClient()
  const view = useStream(stream, { enabled: enabled && stream !== null })
  return {
    ...view,
    /** It is on its way or there. */
    isAsked: stream !== null && (enabled || view.result !== null),
    stop: () => stream && void stop(client, stream),
    again: () => stream && void restart(client, stream),
  }
}
