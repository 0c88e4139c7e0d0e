import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { patchingStream } from '@/api/queries'
import { patchingBodyOf, type PairQuestion } from '@/api/requests'
import { restart, stop, useStream } from '@/api/streamQuery'
import type { Head } from '@/lib/heads'
import { isOfHeads, type Patch } from '@/lib/patch'
import { cellsOf, cellsOfHeads, type Patched } from '@/lib/patching'

type Options = {
  eachPosition: boolean
  /** The only one that is patched; all where it is null. */
  head?: Head | null
  enabled: boolean
}

/** Patching of one component, all positions together or one by one, as far as it is known. */
export function usePatching(
  question: PairQuestion | null,
  { component, direction }: Pick<Patch, 'component' | 'direction'>,
  { eachPosition, head = null, enabled }: Options,
) {
  const client = useQueryClient()
  const body = useMemo(
    () =>
      question &&
      patchingBodyOf(
        question,
        { component, direction },
        { eachPosition, head, estimate: !eachPosition },
      ),
    [question, component, direction, eachPosition, head],
  )
  const stream = body && patchingStream(body)
  const view = useStream(stream, { enabled })
  const { result, partial } = view
  const patched = useMemo(
    (): Patched | null =>
      result
        ? {
            clean: result.clean,
            corrupt: result.corrupt,
            cells: result.heads
              ? cellsOfHeads(result.values as number[][], result.heads)
              : cellsOf(result.values, isOfHeads(component)),
          }
        : // One head is there as soon as its first part.
          head
          ? null
          : partial,
    [result, partial, component, head],
  )
  return {
    ...view,
    body,
    patched,
    stop: () => stream && void stop(client, stream),
    again: () => stream && void restart(client, stream),
  }
}

export type PatchingRun = ReturnType<typeof usePatching>
