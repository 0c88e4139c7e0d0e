import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { deleteRun, resumeRun, startRun, stopRun } from '@/api/client'
import { modelsQuery } from '@/api/queries'
import type { TaskItems } from '@/api/types'
import { measureEntry, measureOfRun } from '@/features/evidence/measures'
import { evidenceMarks, evidenceOf, meanLayer } from '@/lib/evidence'
import { decodeEvidence, encodeEvidence, type EvidenceQuestion } from '@/lib/evidenceLink'
import type { GridShape } from '@/lib/heads'
import { readTaskFile, type TaskFile } from '@/lib/taskFile'
import { shapeOf } from '../workspaceStore'
import { circuitFinding, findingLayer, findingLink } from './circuitFinding'
import { fileQuery, headItemsQuery, resultsQuery, runsQuery } from './runQueries'

const route = getRouteApi('/evidence')

/** What the address of the Evidence view asks, and what changes it. */
export function useQuestion() {
  const link = route.useSearch()
  const navigate = useNavigate()
  const { data: models } = useQuery({ ...modelsQuery(), enabled: false })
  const question = useMemo(() => decodeEvidence(link), [link])
  const name = question.model ?? models?.default ?? null
  const model = models?.models.find((each) => each.name === name) ?? null
  return {
    question,
    models,
    model,
    shape: shapeOf(model),
    update: (change: Partial<EvidenceQuestion>, { push = false } = {}) =>
      void navigate({
        to: '/evidence',
        search: encodeEvidence({ ...question, ...change }),
        replace: !push,
      }),
  }
}

/** A run's means as the grid and the charts show them. */
export function useFindings(id: string | null, shape: GridShape) {
  const query = useQuery(resultsQuery(id))
  const { data } = query
  return useMemo(() => {
    const run = data?.run ?? null
    // A circuit is of all items together: there is nothing to be averaged.
    const circuit = data ? circuitFinding(data) : null
    const summary = (circuit ? null : data?.summary) ?? null
    const heads = summary ? evidenceOf(summary) : []
    const meaning = (run && measureOfRun(run.analysis)?.meaning) ?? run?.meaning ?? ''
    return {
      run,
      summary,
      heads,
      meaning,
      marks: summary ? evidenceMarks(heads) : null,
      layer: circuit
        ? findingLayer(circuit, shape)
        : summary && run
          ? meanLayer(summary, 'mean', meaning)
          : null,
      circuit,
      circuitLink: data && circuit?.heads ? findingLink(data, circuit.heads) : null,
      error: query.error,
      retry: () => void query.refetch(),
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [data, query.error, shape.nLayers, shape.nHeads])
}

export type Findings = ReturnType<typeof useFindings>

/** A file of one's own as the task, as far as it is read. */
function useTaskFile(model: string | null) {
  const [file, setFile] = useState<TaskFile | null>(null)
  const reading = useMutation({ mutationFn: readTaskFile, onSuccess: setFile })
  const query = useQuery(
    fileQuery(
      file && model !== null
        ? { text: file.text, format: file.format, title: file.name, model }
        : null,
    ),
  )
  return {
    file,
    items: file === null ? null : (query.data ?? null),
    pending: file !== null && query.isFetching,
    error: reading.error ?? query.error,
    open: reading.mutate,
    close: () => {
      reading.reset()
      setFile(null)
    },
  }
}

/** What a run is about: the items of a file, or items to be drawn of a task. */
const itemsOf = (question: EvidenceQuestion, own: TaskItems | null) =>
  own
    ? {
        task: own.task,
        items: own.items.map(({ prompt, answer, foil, corrupt, positions }) => ({
          prompt,
          answer,
          foil,
          corrupt,
          positions,
        })),
      }
    : {
        task: question.task ?? '',
        n: question.n,
        seed: question.seed,
        parameters: question.parameters,
      }

/** Everything that the Evidence view shows. */
export function useEvidence() {
  const state = useQuestion()
  const { question, update, model, shape } = state
  const client = useQueryClient()
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ['runs'] })
    void client.invalidateQueries({ queryKey: ['run'] })
  }
  const own = useTaskFile(model?.state === 'ready' ? model.name : null)
  const runs = useQuery(runsQuery())
  const findings = useFindings(question.run, shape)
  const other = useFindings(question.against, shape)
  const items = useQuery(headItemsQuery(question.run, question.focus, findings.summary?.n ?? 0))
  const start = useMutation({
    mutationFn: (title: string) =>
      startRun({
        ...itemsOf(question, own.items),
        analysis: measureEntry(question.measure).analysis,
        ...(model && { model: model.name }),
        ...(title && { title }),
      }),
    onSuccess: ({ id }) => {
      refresh()
      update({ run: id, against: null, tab: 'heads' }, { push: true })
    },
  })
  const change = useMutation({
    mutationFn: ({ id, to }: { id: string; to: 'stop' | 'resume' }) =>
      to === 'stop' ? stopRun(id) : resumeRun(id),
    onSettled: refresh,
  })
  const remove = useMutation({
    mutationFn: deleteRun,
    onSuccess: (_, id) => {
      // Its own answers are not asked for again: they are gone.
      if (id === question.run) update({ run: null, against: null })
      else if (id === question.against) update({ against: null })
      void client.invalidateQueries({ queryKey: ['runs'] })
    },
  })
  return { ...state, own, runs, findings, other, items, start, change, remove }
}

export type Evidence = ReturnType<typeof useEvidence>
