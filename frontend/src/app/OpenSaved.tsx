import { skipToken, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { savedQuery } from '@/api/queries'
import { Boundary } from '@/ui/Boundary'
import { lazyPart } from '@/ui/lazyPart'
import { Skeleton } from '@/ui/Skeleton'
import { useWorkspace } from './WorkspaceContext'

const Opening = lazyPart(() => import('./saved/Opening').then((m) => m.Opening))

/** Which saved experiments have had their answers put where the page looks for them. */
export const shownKey = (id: string | null) => ['saved is shown', id] as const

export const useIsShown = (id: string | null) =>
  useQuery<boolean>({ queryKey: shownKey(id), queryFn: skipToken }).data ?? false

/** A saved experiment is on its way: until its answers are there nobody asks the model. */
export function useIsOpening(): boolean {
  const id = useWorkspace((state) => state.experiment.saved)
  const shown = useIsShown(id)
  const { isError } = useQuery({ ...savedQuery(id ?? ''), enabled: false })
  return id !== null && !shown && !isError
}

/** Where the link names a saved experiment: its numbers first, before anything is asked. */
export function OpenSaved({ children }: { children: ReactNode }) {
  const id = useWorkspace((state) => state.experiment.saved)
  if (id === null) return children
  return (
    <Boundary
      key={id}
      name="The saved experiment"
      placeholder={<Skeleton className="h-40" label="The saved experiment is opened" />}
    >
      <Opening id={id} view={children} />
    </Boundary>
  )
}
