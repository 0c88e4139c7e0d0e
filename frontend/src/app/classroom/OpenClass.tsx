import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { classQuery } from '@/api/classes'
import type { ClassLink } from '@/api/types'
import { fixedOf, holds } from '@/lib/classroom'
import { decode, parseLink } from '@/lib/url'
import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'
import { Skeleton } from '@/ui/Skeleton'
import { PromptPage } from '../views/PromptView'
import { useActions, useWorkspace } from '../WorkspaceContext'
import { ClassPrompt } from './ClassPrompt'
import { useCounted } from './useCounted'

/** Where the link names a class: its prompt and settings, whatever else the link says. */
export function OpenClass({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(classQuery(id))
  const isWritten = useWorkspace((state) => state.isWritten)
  const known = useWorkspace((state) => state.methods.length > 0)
  const { update } = useActions()
  if (data && known) return <Opened asked={data} />
  if (!error) return <Skeleton className="h-40" label="The class is opened" />
  return (
    <div className="flex flex-wrap items-center gap-2">
      <div className="min-w-0 flex-1">
        <ErrorNote error={error} onRetry={() => void refetch()} />
      </div>
      <Button size="small" onClick={() => update({ classroom: null })}>
        {isWritten ? 'Go on without it' : 'Begin with an example'}
      </Button>
    </div>
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
