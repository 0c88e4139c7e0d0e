import { useMutation } from '@tanstack/react-query'
import { makeClass } from '@/api/classes'
import type { Saving } from '@/api/types'
import { ClassForm, type ClassDraft } from '@/features/classroom/ClassForm'
import { ClassLinks } from '@/features/classroom/ClassLinks'
import { answersOf } from '@/features/saved/SavedLink'
import { entries } from '@/features/saved/useEntries'
import { linkOfClass } from '@/lib/classroom'
import { tellCuts } from '@/lib/cuts'
import { tellFixed } from '@/lib/tellExperiment'
import { encode, writeLink } from '@/lib/url'
import { useRunResult } from '../useRun'
import { useWorkspace } from '../WorkspaceContext'

/** A question about this experiment, for a class: its two links. */
export function MakeClass({ saving }: { saving: Saving }) {
  const experiment = useWorkspace((state) => state.experiment)
  const methods = useWorkspace((state) => state.methods)
  const model = useWorkspace((state) => state.model)
  const { result: run } = useRunResult()
  // The seed that was drawn, so that all see the same texts.
  const seed = experiment.seed ?? (experiment.temperature > 0 ? (run?.seed ?? null) : null)
  const asked = { ...experiment, seed }
  const make = useMutation({
    networkMode: 'always',
    mutationFn: ({ title, question, withCuts }: ClassDraft) => {
      const link = writeLink(linkOfClass(encode(asked, methods), withCuts))
      return makeClass({ title, question, link })
    },
    onSuccess: ({ id, key, saved, expires }, { title }) =>
      entries.add({ id, key, title, saved, expires, classroom: id }),
  })
  if (make.data) {
    const { id, key } = make.data
    return (
      <div className="grid gap-3">
        <p role="status">The class is open. Give out the first link:</p>
        <ClassLinks id={id} secret={key} />
        <a href={answersOf(id)} className="text-sm text-ink underline underline-offset-2">
          See who has opened it, and the answers
        </a>
      </div>
    )
  }
  return (
    <ClassForm
      title=""
      fixed={tellFixed(asked, model?.title)}
      cut={experiment.cuts.length === 0 ? null : tellCuts(experiment.cuts, 4)}
      saving={saving}
      pending={make.isPending}
      error={make.error}
      onMake={make.mutate}
    />
  )
}
