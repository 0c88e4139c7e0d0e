import { useMutation, useQueryClient } from '@tanstack/react-query'
import { saveExperiment } from '@/api/client'
import { savedQuery } from '@/api/queries'
import type { Saving } from '@/api/types'
import { answersShown } from '@/features/saved/results'
import { SaveForm } from '@/features/saved/SaveForm'
import { SavedLink } from '@/features/saved/SavedLink'
import { entries } from '@/features/saved/useEntries'
import type { Experiment } from '@/lib/experiment'
import { titleOf } from '@/lib/tellExperiment'
import { encode, writeLink } from '@/lib/url'
import { useRunResult } from '../useRun'
import { useWorkspace } from '../WorkspaceContext'

/** The experiment with its answers, under a title. */
export function SaveExperiment({ saving }: { saving: Saving }) {
  const client = useQueryClient()
  const experiment = useWorkspace((state) => state.experiment)
  const methods = useWorkspace((state) => state.methods)
  const { result: run } = useRunResult()
  const answers = answersShown(client, experiment)
  const save = useMutation({
    networkMode: 'always',
    mutationFn: ({ title, note }: { title: string; note: string }) => {
      // The seed that a run without one was drawn with: the texts are of it.
      const seed = experiment.seed ?? run?.seed ?? null
      const asked: Experiment = { ...experiment, seed, saved: null, classroom: null }
      const link = writeLink(encode(asked, methods))
      return saveExperiment({ title, note, link, results: answers })
    },
    onSuccess: ({ id, key, saved, expires }, { title }) => {
      entries.add({ id, key, title, saved, expires })
      void client.prefetchQuery(savedQuery(id))
    },
  })
  if (save.data) {
    return (
      <div className="grid gap-2">
        <p role="status">Saved. This link opens it with its numbers:</p>
        <SavedLink id={save.data.id} />
        <p className="text-xs text-ink-2">It is in this browser’s list under Saved.</p>
      </div>
    )
  }
  return (
    <SaveForm
      title={titleOf(experiment)}
      saving={saving}
      answers={answers.length}
      pending={save.isPending}
      error={save.error}
      onSave={(title, note) => save.mutate({ title, note })}
    />
  )
}
