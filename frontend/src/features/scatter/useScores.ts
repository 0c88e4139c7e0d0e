import { skipToken, useQuery } from '@tanstack/react-query'
import { importance } from '@/api/client'
import { importanceBody, importanceKey, importanceParams, type ScoreMethod } from '@/api/requests'
import type { ImportanceResponse } from '@/api/types'
import type { Experiment } from '@/lib/experiment'

/** One score of every head; from the page's cache, measured only when `wanted`. */
export function useScores(experiment: Experiment, method: ScoreMethod, wanted: boolean) {
  const params = importanceParams(experiment, method)
  const ready = wanted && experiment.prompt !== '' && experiment.model !== null
  return useQuery<ImportanceResponse>({
    queryKey: importanceKey(params),
    queryFn: ready ? ({ signal }) => importance(importanceBody(params), signal) : skipToken,
  })
}
