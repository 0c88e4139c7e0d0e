import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { answersQuery, closeClass, deleteAnswer } from '@/api/classes'
import { savedQuery } from '@/api/queries'
import type { ClassAnswers } from '@/api/types'
import { saveText, slug } from '@/charts/download'
import { AnswerRow } from '@/features/classroom/AnswerRow'
import { answersCsv, answersOf, lineOf, togetherLayer } from '@/features/classroom/answers'
import { classLink } from '@/features/classroom/ClassLinks'
import { ResultStrip } from '@/features/result/ResultStrip'
import { fileOf } from '@/features/saved/file'
import { removeSaved } from '@/features/saved/removal'
import { linkTo } from '@/features/saved/SavedLink'
import { entries } from '@/features/saved/useEntries'
import { decode, parseLink } from '@/lib/url'
import { CopyField } from '@/ui/CopyField'
import { EmptyNote } from '@/ui/EmptyNote'
import { ErrorNote } from '@/ui/ErrorNote'
import { Panel } from '@/ui/Panel'
import { Skeleton } from '@/ui/Skeleton'
import { SavedGrid } from '../saved/SavedGrid'
import { MOST_COMPARED, SideBySide } from '../saved/SideBySide'
import { useWorkspace } from '../WorkspaceContext'
import { shapeOf } from '../workspaceStore'
import { ClassPanel } from './ClassPanel'
import { endsKey, useAnswers } from './useAnswers'

/** The teacher's page: who opened a class is counted, what was handed in is read and compared. */
export function ClassView({ id }: { id: string }) {
  const { key, query } = useAnswers(id)
  const known = useWorkspace((state) => state.methods.length > 0)
  const { data, error } = query
  if (key === null) {
    return (
      <EmptyNote>
        The answers of this class are read by the teacher’s link, and by the browser that made the
        class. This browser has neither.
      </EmptyNote>
    )
  }
  const failure = error && <ErrorNote error={error} onRetry={() => void query.refetch()} />
  if (!data || !known) {
    return failure ?? <Skeleton className="h-60" label="The answers are read" />
  }
  return (
    <>
      {failure}
      <Answers id={id} secret={key} found={data} />
    </>
  )
}

type Props = { id: string; secret: string; found: ClassAnswers }

function Answers({ id, secret, found }: Props) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const methods = useWorkspace((state) => state.methods)
  const models = useWorkspace((state) => state.models)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const { classroom } = found
  const asked = useMemo(() => decode(parseLink(classroom.link), methods), [classroom, methods])
  const answers = useMemo(() => answersOf(found, methods), [found, methods])
  const model = models?.models.find(({ name }) => name === asked.model) ?? null
  const shape = shapeOf(model)
  const present = chosen.filter((each) => answers.some((answer) => answer.id === each))
  const refresh = () => client.invalidateQueries(answersQuery(id, secret))

  const closing = useMutation({
    networkMode: 'always',
    mutationFn: (closed: boolean) => closeClass(id, secret, closed),
    onSuccess: refresh,
  })
  const removal = useMutation({
    networkMode: 'always',
    mutationFn: (answer: string) => deleteAnswer(id, secret, answer),
    onSuccess: refresh,
  })
  const ending = useMutation({
    networkMode: 'always',
    mutationKey: endsKey(id),
    mutationFn: () => removeSaved({ id, key: secret }),
    onSuccess: async () => {
      await navigate({ to: '/saved', search: { class: undefined } })
      entries.remove(id)
      client.removeQueries(answersQuery(id, secret))
    },
  })
  const exporting = useMutation({
    networkMode: 'always',
    mutationFn: async () => {
      const whole = []
      for (const answer of answers) whole.push(await client.fetchQuery(savedQuery(answer.id)))
      saveText(fileOf(whole), `${slug(classroom.title) || 'class'}.json`, 'application/json')
    },
  })
  const failed = closing.error ?? removal.error ?? ending.error ?? exporting.error

  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] content-start gap-2.5 lg:grid-cols-[23rem_minmax(0,1fr)] lg:content-stretch">
      <div className="grid min-h-0 min-w-0 content-start gap-2.5 lg:overflow-y-auto">
        <ClassPanel
          secret={secret}
          found={found}
          asked={asked}
          model={model}
          exporting={exporting.isPending}
          closing={closing.isPending}
          ending={ending.isPending}
          onExport={() => exporting.mutate()}
          onTable={() =>
            saveText(answersCsv(answers), `${slug(classroom.title) || 'class'}.csv`, 'text/csv')
          }
          onClose={(closed) => closing.mutate(closed)}
          onDelete={() => ending.mutate()}
        />
        {answers.length > 1 && (
          <Panel title="All together" note="How many of the answers cut each head">
            <SavedGrid
              label="How many cut each head"
              layer={togetherLayer(answers, shape)}
              cuts={[]}
            />
          </Panel>
        )}
      </div>
      <div className="grid min-h-0 min-w-0 content-start gap-2.5 lg:overflow-y-auto">
        {failed && <ErrorNote error={failed} />}
        <Panel title="Answers">
          {answers.length === 0 ? (
            <div className="grid gap-3">
              <CopyField labelled label="Give out this link" link={classLink(id)} />
              <EmptyNote>
                Nobody has handed in yet. What comes in stands here by itself, within seconds.
              </EmptyNote>
            </div>
          ) : (
            <ul aria-label="Answers">
              {answers.map((answer) => (
                <AnswerRow
                  key={answer.id}
                  answer={answer}
                  shape={shape}
                  href={linkTo(answer.id)}
                  strip={
                    answer.said && (
                      <ResultStrip
                        prompt=""
                        line={lineOf(answer)}
                        stale={false}
                        uncut="nothing cut"
                      />
                    )
                  }
                  chosen={present.includes(answer.id)}
                  full={present.length >= MOST_COMPARED}
                  pending={removal.isPending && removal.variables === answer.id}
                  onChoose={(on) =>
                    setChosen(
                      on ? [...present, answer.id] : present.filter((each) => each !== answer.id),
                    )
                  }
                  onDelete={() => removal.mutate(answer.id)}
                />
              ))}
            </ul>
          )}
        </Panel>
        {answers.length > 1 && <SideBySide ids={present} />}
      </div>
    </div>
  )
}
