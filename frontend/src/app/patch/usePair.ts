import { keepPreviousData, skipToken, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { nextTokenQuery, tokensQuery } from '@/api/queries'
import { NEEDS, NEXT_TOKEN_ALONE, readingOf, type PairQuestion } from '@/api/requests'
import type { ModelInfo } from '@/api/types'
import { firstChoices } from '@/lib/nextToken'
import { pairTokens, tellMismatch, type TooMany } from '@/lib/pair'
import type { Patch } from '@/lib/patch'

type Side = 'prompt' | 'corrupt'

const textOf = (patch: Patch, side: Side) => readingOf({ ...patch, prompt: patch[side] })

/** One of the two prompts as the model reads it. */
function useTokens(patch: Patch, side: Side, isReady: boolean) {
  const { prompt: text, ...reading } = textOf(patch, side)
  const options = tokensQuery({ text, ...reading })
  return useQuery({
    ...options,
    queryFn: isReady && text !== '' ? (options.queryFn ?? skipToken) : skipToken,
  })
}

/** What is written as one token: whether the model reads it so; it does not where it is too many. */
function useNamed({ model, ...patch }: Patch, side: 'answer' | 'foil', isReady: boolean) {
  const text = patch[side] ?? ''
  const options = tokensQuery({ text, ...(model === null ? {} : { model }), prepend_bos: false })
  const { data, isPlaceholderData } = useQuery({
    ...options,
    queryFn: isReady && text !== '' ? (options.queryFn ?? skipToken) : skipToken,
  })
  const tokens = data?.tokens.map((token) => token.text) ?? []
  const isRead = text === '' || (data !== undefined && !isPlaceholderData)
  const tooMany: TooMany | null = isRead && tokens.length > 1 ? { text, tokens } : null
  return { isRead, tooMany: text === '' ? null : tooMany }
}

/** What one of the two runs says next. */
function useChoices(patch: Patch, side: Side, isReady: boolean) {
  const body = { ...textOf(patch, side), ...NEXT_TOKEN_ALONE }
  const options = nextTokenQuery(body)
  return useQuery({
    ...options,
    queryFn: isReady && body.prompt !== '' ? (options.queryFn ?? skipToken) : skipToken,
    placeholderData: keepPreviousData,
  })
}

/** Why the model cannot be asked at all. */
function waitingFor(patch: Patch, model: ModelInfo | null): string | null {
  if (patch.model === null || !model) return 'No model is ready yet.'
  if (model.state !== 'ready') return `${model.title} is ${model.state}.`
  if (patch.prompt === '') return 'Write a clean prompt first.'
  return patch.corrupt === '' ? 'Write a corrupt prompt, or let one be made.' : null
}

/**
 * Both prompts token by token, what both runs say first, and the question that comes of it. Tokens are
 * asked for with each key; while keys come faster than they, nothing more is asked.
 */
export function usePair(patch: Patch, model: ModelInfo | null) {
  const waiting = waitingFor(patch, model)
  const isReady = model?.state === 'ready'
  const clean = useTokens(patch, 'prompt', isReady)
  const corrupt = useTokens(patch, 'corrupt', isReady)
  const pairing = useMemo(
    () =>
      clean.data && corrupt.data && patch.prompt !== '' && patch.corrupt !== ''
        ? pairTokens(clean.data.tokens, corrupt.data.tokens)
        : null,
    [clean.data, corrupt.data, patch.prompt, patch.corrupt],
  )
  const isCurrent = !clean.isPlaceholderData && !corrupt.isPlaceholderData
  const used = Math.max(clean.data?.tokens.length ?? 0, corrupt.data?.tokens.length ?? 0)
  const room = clean.data?.n_ctx ?? Number.POSITIVE_INFINITY
  const tooLong =
    isCurrent && used > room
      ? `A prompt has ${used} tokens, and the model reads at most ${room}: shorten it.`
      : null
  const isComparable = tooLong === null && isCurrent
  // Who names both needs no suggestion, and the patches need not wait for its runs.
  const areNamed = patch.answer !== null && patch.foil !== null
  const asksBoth = isReady && isComparable && !areNamed
  const says = useChoices(patch, 'prompt', asksBoth)
  const saysOtherwise = useChoices(patch, 'corrupt', asksBoth)
  const named = {
    answer: useNamed(patch, 'answer', isReady),
    foil: useNamed(patch, 'foil', isReady),
  }
  const areRead = named.answer.isRead && named.foil.isRead
  const isOneToken = NEEDS[patch.metric].every((side) => named[side].tooMany === null)
  const suggested = firstChoices(
    says.data?.next_token ?? null,
    saysOtherwise.data?.next_token ?? null,
  )
  const answer = patch.answer ?? suggested.answer
  const foil = patch.foil ?? suggested.foil
  const mismatch = pairing && isCurrent ? tellMismatch(pairing) : null
  const areSuggested = !says.isPlaceholderData && !saysOtherwise.isPlaceholderData
  const { prompt, metric, model: name, prependBos, corrupt: other, cuts } = patch
  const isAskable =
    waiting === null &&
    pairing !== null &&
    isComparable &&
    mismatch === null &&
    areRead &&
    isOneToken &&
    answer !== null &&
    foil !== null &&
    (areNamed || areSuggested || NEEDS[metric].length === 0)
  const question = useMemo(
    (): PairQuestion | null =>
      isAskable && answer !== null && foil !== null
        ? { prompt, corrupt: other, metric, model: name, prependBos, cuts, answer, foil }
        : null,
    [isAskable, prompt, other, metric, name, prependBos, cuts, answer, foil],
  )
  return {
    pairing,
    suggested,
    tooMany: { answer: named.answer.tooMany, foil: named.foil.tooMany },
    question,
    /** The tokens of what is written are on their way. */
    isReading: waiting === null && (!isCurrent || !areRead),
    /** Why nothing is asked; what the prompts say under themselves is not said again. */
    waiting:
      waiting ??
      ((tooLong ?? mismatch)
        ? 'Nothing is measured: the line under the prompts says why.'
        : isOneToken
          ? null
          : 'Nothing is measured: answer and foil are one token each.'),
    tooLong,
    error: clean.error ?? corrupt.error ?? (areNamed ? null : (says.error ?? saysOtherwise.error)),
    retry: () => {
      for (const query of [clean, corrupt, says, saysOtherwise]) {
        if (query.error) void query.refetch()
      }
    },
  }
}

export type PairReading = ReturnType<typeof usePair>
