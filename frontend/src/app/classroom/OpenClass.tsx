import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { classQuery } from '@/api/classes'
import type { ClassLink } from '@/api/types'
import { fixedOf, holds } from '@/lib/classroom'
import { decode, parseLink } from '@/lib/url'
import { Skeleton } from '@/ui/Skeleton'
import { NotOpened } from '../saved/NotOpened'
import { PromptPage } from '../views/PromptView'
import { useActions, useWorkspace } from '../WorkspaceContext'
import { ClassPrompt } from './ClassPrompt'
import { useCounted } from './useCounted'

/** Where the link names a class: its prompt and settings, whatever else the link says. */
export function OpenClass({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(classQuery(id))
  const known = useWorkspace((state) => state.methods.length > 0)
  const { update } = useActions()
  if (data && known) return <Opened asked={data} />
  if (!error) return <Skeleton className="h-40" label="The class is opened" />
  return (
    <NotOpened
      error={error}
      onRetry={() => void refetch()}
      onLeave={() => update({ classroom: null })}
    />
  )
}

function Opened({ asked }: { asked: ClassLink }) {
  const { follow, update } = useActions()
  const experiment = useWorkspace((state) => state.experiment)
  const isWritten = useWorkspace((state) => state.isWritten)
  const methods = useWorkspace((state) => state.methods)
  const link = useMemo(() => parseLink(asked.link), [asked])
  const fixed = useMemo(() => fixedOf(decode(link, methods)), [link, methods])
  const isAsked = isWritten && holds(experiment, fixed)
  useCounted(asked.id)
  // A link changed by hand, or a step back to before, does not change what the class is about.
  useEffect(() => {
    if (isAsked) return
    if (isWritten) update(fixed)
    else follow({ ...link, class: asked.id })
  }, [isAsked, isWritten, update, follow, fixed, link, asked.id])
  if (!isAsked) return <Skeleton className="h-40" label="The class is opened" />
  return <PromptPage given={<ClassPrompt asked={asked} />} />
}
