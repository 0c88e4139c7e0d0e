import { useIsMutating, useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { answersQuery } from '@/api/classes'
import { entries, useEntries } from '@/features/saved/useEntries'
import { first, parseQuery } from '@/lib/query'

/** What stands after the address's #. */
const keyIn = (hash: string) => first(parseQuery(hash.replace(/^#/, '')), 'key') ?? null

/** While a class is being deleted nobody asks about it. */
export const endsKey = (id: string) => ['class ends', id]

/**
 * A class's answers, by the key that the teacher's link or this browser has. A key that fits is kept,
 * and stands in the address no longer: the page may be shown to the class.
 */
export function useAnswers(id: string) {
  const { history } = useRouter()
  const [given] = useState(() => keyIn(history.location.hash))
  const known = useEntries().find((entry) => entry.id === id)?.key ?? null
  const key = given ?? known
  const ends = useIsMutating({ mutationKey: endsKey(id) }) > 0
  const query = useQuery({ ...answersQuery(id, key ?? ''), enabled: key !== null && !ends })
  const { data } = query
  useEffect(() => {
    if (data === undefined || given === null) return
    const { title, saved, expires } = data.classroom
    if (known !== given) entries.add({ id, key: given, title, saved, expires, classroom: id })
    const { pathname, search, hash } = history.location
    if (hash !== '') history.replace(pathname + search)
  }, [data, given, known, id, history])
  return { key, query }
}
