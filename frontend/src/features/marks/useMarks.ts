import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { headTypesQuery } from '@/api/queries'
import { marksOf, type Marking } from '@/lib/headKinds'
import { markingEntry } from './registry'

type Model = { readonly name: string; readonly state: string }

/** What a marking says of a model's heads; asked once a model, and only when it is shown. */
export function useMarks(marking: Marking, model: Model | null) {
  const isAsked = marking !== 'none' && model?.state === 'ready'
  const { data, error, refetch } = useQuery(headTypesQuery(isAsked ? model.name : null))
  const entry = markingEntry(marking)
  const kinds = useMemo(() => (data && entry ? entry.kinds(data) : null), [data, entry])
  const marks = useMemo(() => kinds && marksOf(kinds), [kinds])
  return {
    /** Null where nothing is marked, or it is not known yet. */
    kinds,
    marks,
    note: data && entry ? entry.tell(data) : '',
    isWaiting: marking !== 'none' && !data && !error,
    error,
    retry: () => void refetch(),
  }
}

export type MarksView = ReturnType<typeof useMarks>
