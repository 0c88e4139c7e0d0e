import { skipToken, useQuery } from '@tanstack/react-query'
import { attentionQuery } from '@/api/queries'
import { attentionBodyOf } from '@/api/requests'
import type { Experiment } from '@/lib/experiment'
import type { Head } from '@/lib/heads'
import type { Texts } from '@/lib/texts'

/** One head's pattern over prompt and control continuation, in both runs. */
export function useAttention(experiment: Experiment, head: Head, texts: Texts | null) {
  const continuation = texts?.control.tokens.map(({ id }) => id) ?? []
  const options = attentionQuery(attentionBodyOf(experiment, head, continuation))
  const ready = experiment.prompt !== '' && experiment.model !== null
  return useQuery({
    ...options,
    queryFn: ready ? (options.queryFn ?? skipToken) : skipToken,
    placeholderData: (before) => before,
  })
}
