import { skipToken, useQuery } from '@tanstack/react-query'
import { tokensQuery } from '@/api/queries'
import { readingOf } from '@/api/requests'
import type { ModelInfo } from '@/api/types'
import type { Experiment } from '@/lib/experiment'
import { useWorkspace } from './WorkspaceContext'

/** Why the model cannot be asked at all; null when it can. */
function waitingFor({ prompt, model }: Experiment, info: ModelInfo | null): string | null {
  if (model === null || !info) return 'No model is ready yet.'
  if (info.state !== 'ready') return `${info.title} is ${info.state}.`
  return prompt === '' ? 'Write a prompt first.' : null
}

/** The prompt as the model reads it, and why it cannot be read or continued. */
export function useReading() {
  const asked = useWorkspace((state) => state.asked)
  const info = useWorkspace((state) => state.model)
  const reserved = useWorkspace((state) => state.experiment.maxNewTokens)
  const waiting = waitingFor(asked, info)
  const { prompt: text, ...reading } = readingOf(asked)
  const options = tokensQuery({ text, ...reading })
  const query = useQuery({
    ...options,
    queryFn: waiting === null ? (options.queryFn ?? skipToken) : skipToken,
  })
  const tokens = asked.prompt === '' ? null : (query.data ?? null)
  const used = query.isPlaceholderData ? 0 : (tokens?.tokens.length ?? 0)
  const room = tokens?.n_ctx ?? Number.POSITIVE_INFINITY
  const tooLong =
    used > room
      ? `The prompt has ${used} tokens, and the model reads at most ${room}: shorten it.`
      : null
  const noRoom =
    used + reserved > room
      ? `${used} tokens of prompt and ${reserved} new ones are more than the model’s ${room}: shorten the prompt or ask for fewer.`
      : null
  return {
    tokens,
    error: query.error,
    /** Whether its tokens have been counted. */
    known: query.data !== undefined && !query.isPlaceholderData,
    /** Why nothing can be asked about this prompt. */
    unreadable: waiting ?? tooLong,
    /** Why no text can be written. */
    blocked: waiting ?? tooLong ?? noRoom,
  }
}
