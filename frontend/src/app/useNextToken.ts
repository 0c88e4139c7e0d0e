import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query'
import { infer } from '@/api/client'
import { surgeryOf } from '@/api/requests'
import type { Experiment } from '@/lib/experiment'
import { sleep } from '@/lib/sleep'

/** Clicks closer together than this make one request. */
const pause = 20

/** The distribution right after the prompt, asked again at each change; the one before is dropped. */
export function useNextToken(experiment: Experiment, ready: boolean) {
  const body = { ...surgeryOf(experiment), max_new_tokens: 0, alternatives: 6 }
  return useQuery({
    queryKey: ['next-token', body],
    queryFn: !ready
      ? skipToken
      : async ({ signal }) => {
          await sleep(pause, signal)
          return infer(body, signal)
        },
    placeholderData: keepPreviousData,
  })
}
