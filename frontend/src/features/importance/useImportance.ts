import {
  skipToken,
  useMutation,
  useQuery,
  useQueryClient,
  type QueryClient,
} from '@tanstack/react-query'
import {
  importanceBody,
  importanceKey,
  importanceParams,
  type ImportanceParams,
  type ScoreMethod,
} from '@/api/requests'
import { streamImportance } from '@/api/stream'
import type { ImportanceResponse, ProgressEvent } from '@/api/types'
import type { Experiment } from '@/lib/experiment'
import type { ScoreTable } from '@/lib/scores'
import { sleep } from '@/lib/sleep'

type Progress = { queued: number | null; event: ProgressEvent | null }

const progressKey = (params: ImportanceParams | null) => ['importance-progress', params] as const

/** Streams a sweep; what is known so far goes to a cache entry of its own. */
async function measure(client: QueryClient, params: ImportanceParams, signal: AbortSignal) {
  const report = (progress: Progress) => client.setQueryData(progressKey(params), progress)
  return streamImportance(
    importanceBody(params),
    {
      queued: ({ position }) => report({ queued: position, event: null }),
      progress: (event) => report({ queued: null, event }),
    },
    signal,
  )
}

const units: Record<ScoreMethod, string> = {
  gradient: '∂loss/∂pattern',
  attribution: 'nats',
  l2: 'residual-stream units',
  kl: 'nats',
}

function tableOf(
  method: ScoreMethod,
  result: ImportanceResponse | undefined,
  progress: Progress | undefined,
): ScoreTable | null {
  if (result) return { method, unit: result.unit, values: result.scores }
  if (!progress?.event) return null
  const { scores } = progress.event
  return { method, unit: units[method], values: scores.map((row) => row ?? []) }
}

/** The scores of the chosen method, measured when shown, layer by layer, until stopped. */
export function useImportance(experiment: Experiment) {
  const client = useQueryClient()
  const { score, prompt, model } = experiment
  const params =
    score === 'none' || prompt === '' || model === null ? null : importanceParams(experiment, score)
  const queryKey = params ? importanceKey(params) : (['importance', null] as const)

  const query = useQuery<ImportanceResponse>({
    queryKey,
    queryFn: params
      ? async ({ signal }) => {
          // While the prompt is being typed nothing is measured.
          await sleep(200, signal)
          return measure(client, params, signal)
        }
      : skipToken,
    placeholderData: (before) => (before?.method === score ? before : undefined),
  })
  const { data: progress } = useQuery<Progress>({
    queryKey: progressKey(params),
    queryFn: skipToken,
  })

  const running = query.fetchStatus === 'fetching'
  const final = query.isPlaceholderData ? undefined : query.data
  const partial = params && !final ? tableOf(params.method, undefined, progress) : null
  const shown = partial ?? (params ? tableOf(params.method, query.data, undefined) : null)
  return {
    table: shown,
    stale: query.isPlaceholderData && partial === null,
    result: final ?? null,
    running,
    queued: running ? (progress?.queued ?? null) : null,
    layersDone: progress?.event?.layers_done.length ?? 0,
    layers: progress?.event?.n_layers ?? 0,
    stopped: params !== null && !running && !final && !query.error,
    error: query.error,
    /** There is something to say besides the scores. */
    isNotable: params !== null && (running || !final),
    stop: () => client.cancelQueries({ queryKey }),
    retry: () => query.refetch(),
  }
}

/** The ranking by the chosen score, measured now if it is not known yet. */
export function useRanking(onRanked: (result: ImportanceResponse, k: number) => void) {
  const client = useQueryClient()
  return useMutation({
    networkMode: 'always',
    mutationFn: ({ params }: { params: ImportanceParams; k: number }) =>
      client.ensureQueryData({
        queryKey: importanceKey(params),
        queryFn: ({ signal }) => measure(client, params, signal),
      }),
    onSuccess: (result, { k }) => onRanked(result, k),
  })
}
