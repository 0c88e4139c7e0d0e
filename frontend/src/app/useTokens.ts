import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query'
import { tokenize } from '@/api/client'
import type { Experiment } from '@/lib/experiment'
import { sleep } from '@/lib/sleep'

/** The prompt's tokens as the model sees them. */
export function useTokens({ prompt, model, prependBos }: Experiment, ready: boolean) {
  const { data } = useQuery({
    queryKey: ['tokens', { prompt, model, prependBos }],
    queryFn: !ready
      ? skipToken
      : async ({ signal }) => {
          await sleep(60, signal)
          return tokenize({ text: prompt, model, prepend_bos: prependBos }, signal)
        },
    placeholderData: keepPreviousData,
  })
  return prompt === '' ? null : (data ?? null)
}
