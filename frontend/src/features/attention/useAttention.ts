import { skipToken, useQuery } from '@tanstack/react-query'
import { attention } from '@/api/client'
import { surgeryOf } from '@/api/requests'
import type { InferResponse } from '@/api/types'
import type { Experiment } from '@/lib/experiment'
import type { Head } from '@/lib/heads'
import { sleep } from '@/lib/sleep'

/** One head's pattern over prompt and control continuation, in both runs. */
export function useAttention(experiment: Experiment, head: Head, result: InferResponse | null) {
  const continuation = result?.control.tokens.map(({ id }) => id) ?? []
  const body = { ...surgeryOf(experiment), continuation, layer: head.layer, head: head.head }
  const ready = experiment.prompt !== '' && experiment.model !== null
  return useQuery({
    queryKey: ['attention', body],
    queryFn: ready
      ? async ({ signal }) => {
          await sleep(120, signal)
          return attention(body, signal)
        }
      : skipToken,
    placeholderData: (before) => before,
  })
}
