import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { tokensQuery } from '@/api/queries'
import { readingOf } from '@/api/requests'
import type { Offer } from '@/features/patch/CorruptMenu'
import { corruptionsOf } from '@/lib/corrupt'
import type { Patch } from '@/lib/patch'
import { useSettled } from '@/ui/useSettled'

/** How many texts of a kind are tried; each is read by the tokenizer. */
const MOST_TRIED = 8

function textBodyOf(patch: Patch, text: string) {
  const { model, prepend_bos } = { model: undefined, ...readingOf(patch) }
  return { text, ...(model === undefined ? {} : { model }), prepend_bos }
}

/** Corrupt prompts that have as many tokens as the clean one. */
export function useCorruptions(patch: Patch): Offer[] {
  // Offers are for when the writing is done.
  const prompt = useSettled(patch.prompt, 600)
  const made = useMemo(
    () =>
      corruptionsOf(prompt).map((each) => ({ ...each, texts: each.texts.slice(0, MOST_TRIED) })),
    [prompt],
  )
  const texts = useMemo(
    () => [...new Set([prompt, ...made.flatMap((each) => each.texts)])],
    [prompt, made],
  )
  const counts = useQueries({
    queries: texts.map((text) => ({
      ...tokensQuery(textBodyOf(patch, text)),
      enabled: patch.model !== null && made.length > 0 && text !== '',
    })),
    combine: (results) =>
      new Map(
        results.map(({ data, isPlaceholderData }, i) => [
          texts[i],
          isPlaceholderData ? null : (data?.tokens.length ?? null),
        ]),
      ),
  })
  const wanted = counts.get(prompt) ?? null
  return made.map(({ id, label, note, texts: tried }) => ({
    id,
    label,
    note,
    text: (wanted !== null && tried.find((text) => counts.get(text) === wanted)) || null,
    waiting: wanted === null || tried.some((text) => counts.get(text) == null),
  }))
}
