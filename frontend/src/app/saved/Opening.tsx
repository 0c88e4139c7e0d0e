import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { savedQuery } from '@/api/queries'
import { inferBodyOf } from '@/api/requests'
import type { SavedExperiment } from '@/api/types'
import { showSaved } from '@/features/saved/results'
import { SavedNotice } from '@/features/saved/SavedNotice'
import { decode, parseLink } from '@/lib/url'
import { Skeleton } from '@/ui/Skeleton'
import { shownKey, useIsShown } from '../OpenSaved'
import { useRunResult } from '../useRun'
import { useActions, useWorkspace } from '../WorkspaceContext'
import { NotOpened } from './NotOpened'

/** A saved experiment: its numbers first, then the view that finds them answered. */
export function Opening({ id, view }: { id: string; view: ReactNode }) {
  const { data, error, refetch } = useQuery(savedQuery(id))
  const isWritten = useWorkspace((state) => state.isWritten)
  const { update } = useActions()
  if (data) return <Opened saved={data} view={view} />
  if (error) {
    return (
      <>
        <NotOpened
          error={error}
          onRetry={() => void refetch()}
          onLeave={() => update({ saved: null })}
        />
        {isWritten && view}
      </>
    )
  }
  return <Skeleton className="h-40" label="The saved experiment is opened" />
}

function Opened({ saved, view }: { saved: SavedExperiment; view: ReactNode }) {
  const client = useQueryClient()
  const { follow } = useActions()
  const isWritten = useWorkspace((state) => state.isWritten)
  const methods = useWorkspace((state) => state.methods)
  const link = useMemo(() => ({ ...parseLink(saved.link), saved: saved.id }), [saved])
  const then = useMemo(() => decode(link, methods), [link, methods])
  const known = methods.length > 0
  const shown = useIsShown(saved.id)
  // Once, and before the view asks: what it finds answered it does not ask.
  useEffect(() => {
    if (!known || shown) return
    showSaved(client, saved.results, then)
    if (!isWritten) follow(link)
    client.setQueryData(shownKey(saved.id), true)
  }, [known, shown, client, saved, then, isWritten, follow, link])
  if (!shown) return <Skeleton className="h-40" label="The saved experiment is opened" />
  return (
    <>
      <Notice saved={saved} then={then} onShow={() => follow(link)} />
      {view}
    </>
  )
}

type NoticeProps = {
  saved: SavedExperiment
  then: ReturnType<typeof decode>
  onShow: () => void
}

function Notice({ saved, then, onShow }: NoticeProps) {
  const client = useQueryClient()
  const { update, run } = useActions()
  const models = useWorkspace((state) => state.models)
  const experiment = useWorkspace((state) => state.experiment)
  const { running, result } = useRunResult()
  const [again, setAgain] = useState(false)
  const isThen = JSON.stringify(inferBodyOf(experiment)) === JSON.stringify(inferBodyOf(then))

  function compute() {
    setAgain(true)
    for (const kind of ['next-token', '/importance/stream', 'lens', 'attention']) {
      void client.invalidateQueries({ queryKey: [kind] })
    }
    run()
  }

  return (
    <SavedNotice
      saved={saved}
      models={models?.models ?? []}
      isThen={isThen}
      again={again && isThen ? { running, result } : null}
      onShow={onShow}
      onCompute={compute}
      onClose={() => update({ saved: null })}
    />
  )
}
