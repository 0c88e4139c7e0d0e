import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { classQuery, handIn } from '@/api/classes'
import { nextTokenQuery, runStream, savedQuery } from '@/api/queries'
import { inferBodyOf, nextTokenBodyOf } from '@/api/requests'
import { streamOptions } from '@/api/streamQuery'
import { HandInForm } from '@/features/classroom/HandInForm'
import { isClass } from '@/features/saved/keys'
import { removeSaved } from '@/features/saved/removal'
import { answersShown, provenanceOf } from '@/features/saved/results'
import { linkTo } from '@/features/saved/SavedLink'
import { entries, useEntries } from '@/features/saved/useEntries'
import { linkOfAnswer } from '@/lib/classroom'
import { tellCuts } from '@/lib/cuts'
import { encode, parseLink, writeLink } from '@/lib/url'
import { ErrorNote } from '@/ui/ErrorNote'
import { Skeleton } from '@/ui/Skeleton'
import { useWorkspace } from '../WorkspaceContext'

/** What an answer is read and compared by; what else the page shows is large. */
const KEPT = ['infer', 'importance']

type Draft = { name: string; sentence: string }

/** Hands in what is cut, with what came of it; made anew each time the popup opens. */
export function HandIn({ id }: { id: string }) {
  const client = useQueryClient()
  const experiment = useWorkspace((state) => state.experiment)
  const methods = useWorkspace((state) => state.methods)
  // Closed or full meanwhile?
  const { data: asked, error } = useQuery({ ...classQuery(id), staleTime: 0 })
  const list = useEntries()
  const before = list.find((entry) => entry.classroom === id && !isClass(entry)) ?? null
  const send = useMutation({
    networkMode: 'always',
    mutationFn: async ({ name, sentence }: Draft) => {
      // Whatever the page is still waiting for, so that nobody hands in half.
      await client.ensureQueryData(nextTokenQuery(nextTokenBodyOf(experiment)))
      await client.ensureQueryData(streamOptions(runStream(inferBodyOf(experiment))))
      const results = answersShown(client, experiment).filter((result) =>
        KEPT.includes(provenanceOf(result).analysis),
      )
      const ofClass = parseLink(asked?.link ?? '')
      const link = writeLink(linkOfAnswer(encode(experiment, methods), ofClass))
      const receipt = await handIn(id, { name, sentence, link, results })
      if (before) await removeSaved(before)
      return receipt
    },
    onSuccess: ({ id: answer, key, saved, expires }) => {
      if (before) entries.remove(before.id)
      const title = `Answer: ${asked?.title ?? ''}`
      entries.add({ id: answer, key, title, saved, expires, classroom: id })
      void client.prefetchQuery(savedQuery(answer))
    },
  })
  if (send.data) {
    return (
      <div className="grid w-80 max-w-full gap-2 p-2 text-sm">
        <p role="status" className="font-medium text-ink">
          Handed in.
        </p>
        <p className="text-pretty text-ink-2">
          Your teacher sees it now. Go on cutting if you like: handing in again replaces it.
        </p>
        <a href={linkTo(send.data.id)} className="text-ink underline underline-offset-2">
          Look at what you handed in
        </a>
      </div>
    )
  }
  if (!asked) {
    return error ? <ErrorNote error={error} /> : <Skeleton className="h-40 w-80" />
  }
  if (asked.state !== 'open') {
    return (
      <p role="status" className="w-80 max-w-full p-2 text-sm text-pretty text-ink-2">
        {asked.state === 'closed'
          ? 'The class is closed: it takes no more answers. Leave it to save what you found for yourself.'
          : 'The class has as many answers as it takes. Ask your teacher to delete some.'}
      </p>
    )
  }
  return (
    <div className="w-80 max-w-full p-2">
      <HandInForm
        cut={experiment.cuts.length === 0 ? 'nothing' : tellCuts(experiment.cuts)}
        expires={asked.expires}
        replaces={before !== null}
        pending={send.isPending}
        error={send.error}
        onHandIn={(name, sentence) => send.mutate({ name, sentence })}
      />
    </div>
  )
}
