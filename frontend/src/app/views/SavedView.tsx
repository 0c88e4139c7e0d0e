import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { savedQuery, savingQuery } from '@/api/queries'
import type { Entry } from '@/features/saved/keys'
import { tellLimits } from '@/features/saved/limits'
import { removeSaved } from '@/features/saved/removal'
import { SavedRow } from '@/features/saved/SavedRow'
import { entries, useEntries } from '@/features/saved/useEntries'
import { Boundary } from '@/ui/Boundary'
import { EmptyNote } from '@/ui/EmptyNote'
import { ErrorNote } from '@/ui/ErrorNote'
import { lazyPart } from '@/ui/lazyPart'
import { Panel } from '@/ui/Panel'
import { MOST_COMPARED, SideBySide } from '../saved/SideBySide'

const ClassView = lazyPart(() => import('../classroom/ClassView').then((m) => m.ClassView))

const route = getRouteApi('/saved')

/** What this browser has saved, or the answers of a class that it made. */
export function SavedView() {
  const { class: classroom } = route.useSearch()
  if (classroom === undefined) return <SavedExperiments />
  return (
    <Boundary key={classroom} name="The class">
      <ClassView id={classroom} />
    </Boundary>
  )
}

/** Opened, compared, deleted. */
function SavedExperiments() {
  const list = useEntries()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const present = chosen.filter((id) => list.some((entry) => entry.id === id))
  const choose = (id: string, on: boolean) =>
    setChosen(on ? [...present, id] : present.filter((other) => other !== id))
  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] content-start gap-2.5 lg:grid-cols-[22rem_minmax(0,1fr)] lg:content-stretch">
      <div className="min-h-0 min-w-0 lg:overflow-y-auto">
        <List list={list} chosen={present} onChoose={choose} />
      </div>
      <div className="min-h-0 min-w-0 lg:overflow-y-auto">
        <SideBySide ids={present} />
      </div>
    </div>
  )
}

type ListProps = {
  list: readonly Entry[]
  chosen: readonly string[]
  onChoose: (id: string, on: boolean) => void
}

function List({ list, chosen, onChoose }: ListProps) {
  const client = useQueryClient()
  const { data: saving, error } = useQuery(savingQuery())
  const removal = useMutation({
    networkMode: 'always',
    mutationFn: removeSaved,
    onSuccess: (_, { id }) => {
      entries.remove(id)
      client.removeQueries({ queryKey: savedQuery(id).queryKey, exact: true })
    },
  })
  return (
    <Panel
      title="Saved experiments"
      note={
        saving?.offered &&
        `On this server; the list is in this browser alone. ${tellLimits(saving)}`
      }
    >
      {error && <ErrorNote error={error} />}
      {saving && !saving.offered && (
        <p className="mb-2 text-sm text-ink-2">
          This server saves no experiments: share the link, or export a file.
        </p>
      )}
      {removal.error && <ErrorNote error={removal.error} />}
      {list.length === 0 ? (
        <EmptyNote>
          Nothing is saved in this browser yet. <i>Save</i> in the Prompt view keeps an experiment
          with its numbers; <i>Import</i> reads a file of them.
        </EmptyNote>
      ) : (
        <ul aria-label="Saved experiments">
          {list.map((entry) => (
            <SavedRow
              key={entry.id}
              entry={entry}
              chosen={chosen.includes(entry.id)}
              full={chosen.length >= MOST_COMPARED}
              pending={removal.isPending && removal.variables.id === entry.id}
              onChoose={(on) => onChoose(entry.id, on)}
              onDelete={() => removal.mutate(entry)}
            />
          ))}
        </ul>
      )}
    </Panel>
  )
}
