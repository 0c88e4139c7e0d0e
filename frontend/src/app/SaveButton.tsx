import { useQuery } from '@tanstack/react-query'
import { savingQuery } from '@/api/queries'
import { Boundary } from '@/ui/Boundary'
import { lazyPart } from '@/ui/lazyPart'
import { Popup } from '@/ui/Popup'

const Saving = lazyPart(() => import('./saved/Saving').then((m) => m.Saving))

/** Keeps the experiment with its answers on the server, where that is offered. */
export function SaveButton() {
  const { data: saving } = useQuery(savingQuery())
  if (!saving?.offered) return null
  return (
    <Popup label="Save">
      {() => (
        <Boundary name="Save">
          <Saving />
        </Boundary>
      )}
    </Popup>
  )
}
