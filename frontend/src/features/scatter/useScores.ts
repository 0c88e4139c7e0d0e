import { skipToken, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { importanceStream } from '@/api/queries'
import { importanceBodyOf, readingOf } from '@/api/requests'
import { restart, stop, useStream } from '@/api/streamQuery'
import type { Experiment } from '@/lib/experiment'
import { scoreLayer, type ScoreMethod } from '@/lib/scores'

/** One score of every head, measured only when `wanted`; kept while the panel is away. */
export function useScores(experiment: Experiment, method: ScoreMethod, wanted: boolean) {
  const client = useQueryClient()
  const body = useMemo(
    () =>
      importanceBodyOf(
        experiment,
        { method, metric: null, answer: null, foil: null },
        experiment.given,
      ),
    [experiment, method],
  )
  const stream = importanceStream(body)
  const view = useStream(stream, { enabled: wanted })
  const { result } = view
  const layer = useMemo(
    () =>
      result &&
      scoreLayer({
        method,
        metric: null,
        unit: result.unit,
        given: body.ablations?.length ?? 0,
        values: result.scores,
      }),
    [result, method, body],
  )
  return {
    ...view,
    layer,
    again: () => void restart(client, stream),
    stop: () => void stop(client, stream),
  }
}

/** Of which prompt the reader wants scores: a new text asks for a new wish. */
export function useWish(experiment: Experiment) {
  const client = useQueryClient()
  const prompt = JSON.stringify(readingOf(experiment))
  const key = ['scores wanted']
  const { data } = useQuery<string>({ queryKey: key, queryFn: skipToken })
  return { wanted: data === prompt, want: () => client.setQueryData(key, prompt) }
}
