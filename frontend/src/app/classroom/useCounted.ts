import { useEffect } from 'react'
import { countOpening } from '@/api/classes'
import { isClass } from '@/features/saved/keys'
import { entries } from '@/features/saved/useEntries'
import { recall, remember } from '@/lib/storage'

const place = 'opened'

/** So many classes a browser remembers that it told of. */
const most = 200

const told = () => (recall(place) ?? '').split(' ').filter(Boolean)

const isOurs = (id: string) => entries.get().some((entry) => entry.id === id && isClass(entry))

/** This browser tells once that it has opened a class; the one that made it does not. */
export function useCounted(id: string): void {
  useEffect(() => {
    if (told().includes(id) || isOurs(id)) return
    remember(place, [id, ...told()].slice(0, most).join(' '))
    // What could not be told now is told when the link is opened again.
    countOpening(id).catch(() =>
      remember(
        place,
        told()
          .filter((other) => other !== id)
          .join(' '),
      ),
    )
  }, [id])
}
