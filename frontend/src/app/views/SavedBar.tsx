import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useRef } from 'react'
import { saveExperiment } from '@/api/client'
import { savedQuery } from '@/api/queries'
import { saveText } from '@/charts/download'
import { fileOf, readFile } from '@/features/saved/file'
import { isClass } from '@/features/saved/keys'
import { entries, useEntries } from '@/features/saved/useEntries'
import { count } from '@/lib/format'
import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'

const route = getRouteApi('/saved')

/** All of this browser's experiments as one file, and back from one; a class has its own. */
export function SavedBar() {
  const { class: classroom } = route.useSearch()
  return classroom === undefined ? <Files /> : <BackToList />
}

const BackToList = () => (
  <div className="min-w-0 flex-1 text-right">
    <Link
      to="/saved"
      search={{ class: undefined }}
      className="text-sm text-ink-2 underline underline-offset-2 hover:text-ink"
    >
      All saved experiments
    </Link>
  </div>
)

function Files() {
  const client = useQueryClient()
  const list = useEntries().filter((entry) => !isClass(entry))
  const input = useRef<HTMLInputElement>(null)
  const exporting = useMutation({
    networkMode: 'always',
    mutationFn: async () => {
      const whole = []
      for (const { id } of list) whole.push(await client.fetchQuery(savedQuery(id)))
      saveText(fileOf(whole), 'saved-experiments.json', 'application/json')
      return whole.length
    },
  })
  const importing = useMutation({
    networkMode: 'always',
    mutationFn: async (file: File) => {
      const found = readFile(await file.text())
      for (const experiment of found) {
        const { id, key, saved, expires } = await saveExperiment(experiment)
        entries.add({ id, key, title: experiment.title, saved, expires })
      }
      return found.length
    },
  })
  const done =
    importing.data !== undefined
      ? `${count(importing.data, 'experiment')} imported.`
      : exporting.data !== undefined
        ? `${count(exporting.data, 'experiment')} exported.`
        : ''
  const error = importing.error ?? exporting.error
  return (
    <div className="flex min-w-0 flex-1 flex-wrap items-center justify-end gap-2">
      <p role="status" className="text-xs text-ink-2">
        {importing.isPending ? 'Importing …' : exporting.isPending ? 'Exporting …' : done}
      </p>
      {error && <ErrorNote error={error} />}
      <Button
        onClick={() => exporting.mutate()}
        disabledReason={list.length === 0 && 'Nothing is saved in this browser yet.'}
      >
        Export all
      </Button>
      <Button onClick={() => input.current?.click()}>Import</Button>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        aria-label="File of saved experiments"
        className="hidden"
        onChange={(event) => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file) importing.mutate(file)
        }}
      />
    </div>
  )
}
