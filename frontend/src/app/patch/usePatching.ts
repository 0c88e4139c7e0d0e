import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { patchingStream } from '@/api/queries'
import { patchingBodyOf, type PairQuestion } from '@/api/requests'
import { restart, stop, useStream } from '@/api/streamQuery'
import { isOfHeads, type Patch } from '@/lib/patch'
import { cellsOf, type Patched } from '@/lib/patching'

type Options = { eachPosition: boolean; enabled: boolean }

/** Patching of one component, all positions together or one by one, as far as it is known. */
export function usePatching(
  question: PairQuestion | null,
  { component, direction }: Pick<Patch, 'component' | 'direction'>,
  { eachPosition, enabled }: Options,
) {
  const client = useQueryClient()
  const body = useMemo(
    () =>
      question &&
      patchingBodyOf(question, { component, direction }, { eachPosition, estimate: !eachPosition }),
    [question, component, direction, eachPosition],
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
            cells: cellsOf(result.values, isOfHeads(component)),
          }
        : partial,
    [result, partial, component],
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
