import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { importanceStream } from '@/api/queries'
import {
  importanceBodyOf,
  NEEDS,
  standardMetric,
  type ImportanceBody,
  type ScoreQuestion,
} from '@/api/requests'
import { restart, stop, streamOptions, useStream } from '@/api/streamQuery'
import type { ImportanceResponse, ProgressEvent } from '@/api/types'
import type { Experiment } from '@/lib/experiment'
import type { ScoreMethod, ScoreTable } from '@/lib/scores'

const questionOf = (experiment: Experiment, method: ScoreMethod): ScoreQuestion => {
  const { metric, answer, foil } = experiment
  return { method, metric: standardMetric(method) === null ? null : metric, answer, foil }
}

/** Why a score cannot be measured yet; null when it can. */
function lacking({ metric, ...question }: ScoreQuestion): string | null {
  const missing = metric && NEEDS[metric].find((name) => !question[name])
  return missing ? `Name the ${missing} token that the metric asks about.` : null
}

/** What a table is of, before its answer is there. */
const UNITS: Record<ScoreMethod, string> = {
  gradient: '',
  attribution: 'nats',
  l2: 'residual-stream units',
  ablation: 'nats',
}

function tableOf(
  body: ImportanceBody,
  result: ImportanceResponse | null,
  progress: ProgressEvent | null,
): ScoreTable | null {
  const values = result?.scores ?? progress?.scores.map((row) => row ?? [])
  if (!values) return null
  const { method, metric = standardMetric(method) } = body
  return {
    method,
    metric,
    unit: result?.unit ?? UNITS[method],
    given: body.ablations?.length ?? 0,
    values,
  }
}

/** One table of scores, measured while shown, layer by layer, until stopped. */
function useTable(body: ImportanceBody | null, enabled: boolean) {
  const stream = body && importanceStream(body)
  const view = useStream(stream, { enabled })
  const { result, partial } = view
  const table = useMemo(
    () => (body ? tableOf(body, result, partial) : null),
    [body, result, partial],
  )
  return { ...view, table }
}

/** The last table that was there, as long as it is of the same score. */
function useBefore(table: ScoreTable | null, score: Experiment['score']): ScoreTable | null {
  const [before, setBefore] = useState<ScoreTable | null>(null)
  // Kept while rendering: an effect would show one picture without it.
  if (table !== null && table !== before) setBefore(table)
  return before?.method === score ? before : null
}

/** The scores of the chosen method. */
export function useImportance(asked: Experiment, readable: boolean) {
  const client = useQueryClient()
  const { score, given, cuts } = asked
  const question = useMemo(
    () => (score === 'none' ? null : questionOf(asked, score)),
    [asked, score],
  )
  const lacks = question && lacking(question)
  const body = useMemo(
    () => (question && !lacks ? importanceBodyOf(asked, question, given) : null),
    [asked, question, lacks, given],
  )
  const alone = useMemo(
    () => (body?.ablations && question ? importanceBodyOf(asked, question, false) : null),
    [asked, question, body],
  )
  const measured = useTable(body, readable)
  // Shown beside what is given the cuts, where it was measured before.
  const { table: unconditional } = useTable(alone, false)
  const { status, partial } = measured
  const before = useBefore(measured.table, score)
  return {
    ...measured,
    /** The table before, of another text or cut, to be shown until this one is there. */
    before,
    alone: given && cuts.length > 0 ? unconditional : measured.table,
    conditional: given && cuts.length > 0 ? measured.table : null,
    lacks,
    layersDone: partial?.layers_done.length ?? 0,
    layers: partial?.n_layers ?? 0,
    /** There is something to say besides the scores. */
    isNotable: question !== null && readable && (lacks !== null || status !== 'done'),
    stop: () => body && void stop(client, importanceStream(body)),
    again: () => body && void restart(client, importanceStream(body)),
  }
}

export type Measurement = ReturnType<typeof useImportance>

/** The ranking by a score, measured now if it is not known yet. */
export function useRanking(onRanked: (result: ImportanceResponse, k: number) => void) {
  const client = useQueryClient()
  return useMutation({
    networkMode: 'always',
    mutationFn: ({ body }: { body: ImportanceBody; k: number }) =>
      client.ensureQueryData(streamOptions(importanceStream(body))),
    onSuccess: (result, { k }) => onRanked(result, k),
  })
}

/** The question that "Top k" asks: by the chosen score, or by the gradient where there is none. */
export function rankingBodyOf(experiment: Experiment): ImportanceBody {
  const method = experiment.score === 'none' ? 'gradient' : experiment.score
  const question = questionOf(experiment, method)
  return importanceBodyOf(
    experiment,
    lacking(question) ? { ...question, metric: null } : question,
    experiment.given,
  )
}
