import { answer, server, whole } from './server'
import type {
  AttentionRequest,
  AttentionResponse,
  AttributionRequest,
  AttributionResponse,
  Draft,
  HeadItems,
  HeadTypesRequest,
  HeadTypesResponse,
  ImportanceRequest,
  ImportanceResponse,
  InferRequest,
  InferResponse,
  LogitLensRequest,
  LogitLensResponse,
  ModelsResponse,
  NewExperiment,
  OwnItem,
  SavedExperiment,
  SavedReceipt,
  Saving,
  Run,
  RunList,
  RunResults,
  TaskItems,
  TaskList,
  TokenizeResponse,
  WrittenTask,
} from './types'
import type { Parameters } from '@/lib/taskParameters'

/** Which methods cut, the running server decides: an example's cuts are read as they come. */
export const getModels = (signal?: AbortSignal) =>
  answer(server.GET('/models', { signal })) as Promise<ModelsResponse>

export const loadModel = (name: string) =>
  answer(server.POST('/models/{name}/load', { params: { path: { name } } }))

export const isServerAlive = (signal?: AbortSignal): Promise<boolean> =>
  server.GET('/health/live', { signal, cache: 'no-store' }).then(
    () => true,
    () => false,
  )

export const getSaving = (signal?: AbortSignal): Promise<Saving> =>
  answer(server.GET('/experiments', { signal }))

export const getSaved = (identifier: string, signal?: AbortSignal): Promise<SavedExperiment> =>
  answer(server.GET('/experiments/{identifier}', { params: { path: { identifier } }, signal }))

export const saveExperiment = (body: NewExperiment): Promise<SavedReceipt> =>
  answer(server.POST('/experiments', { body: whole(body) }))

export const deleteSaved = (identifier: string, key: string) =>
  answer(
    server.DELETE('/experiments/{identifier}', {
      params: { path: { identifier }, header: { 'X-Experiment-Key': key } },
    }),
  )

export const infer = (
  body: Draft<InferRequest, 'prompt'>,
  signal?: AbortSignal,
): Promise<InferResponse> => answer(server.POST('/infer', { body: whole(body), signal }))

export const attribution = (
  body: Draft<AttributionRequest, 'prompt' | 'answer' | 'foil'>,
  signal?: AbortSignal,
): Promise<AttributionResponse> =>
  answer(server.POST('/attribution', { body: whole(body), signal }))

export const headTypes = (
  body: Draft<HeadTypesRequest, never>,
  signal?: AbortSignal,
): Promise<HeadTypesResponse> => answer(server.POST('/head-types', { body: whole(body), signal }))

/** The TransformerLens script of any analysis, from the same body. */
export const codeOf = (path: string, body: object, signal?: AbortSignal) =>
  answer(server.POST(`${path}/code` as '/infer/code', { body: whole(body), signal }))

export const importance = (
  body: Draft<ImportanceRequest, 'prompt'>,
  signal?: AbortSignal,
): Promise<ImportanceResponse> => answer(server.POST('/importance', { body: whole(body), signal }))

export const logitLens = (
  body: Draft<LogitLensRequest, 'prompt'>,
  signal?: AbortSignal,
): Promise<LogitLensResponse> => answer(server.POST('/logit-lens', { body: whole(body), signal }))

/** One head was asked for, so one is answered. */
export const attention = (
  body: Draft<AttentionRequest, 'prompt' | 'layer' | 'head'>,
  signal?: AbortSignal,
) => answer(server.POST('/attention', { body: whole(body), signal })) as Promise<AttentionResponse>

export const tokenize = (
  body: { text: string; model?: string | null; prepend_bos?: boolean },
  signal?: AbortSignal,
): Promise<TokenizeResponse> => answer(server.POST('/tokenize', { body: whole(body), signal }))

/** What a run is asked: a task, and an analysis of each of its items. */
export type TaskRunBody = {
  readonly task: string
  readonly n?: number
  readonly seed?: number
  readonly parameters?: Parameters
  /** One's own, in place of drawn ones. */
  readonly items?: readonly OwnItem[]
  readonly model?: string
  readonly analysis: Readonly<Record<string, unknown>>
  readonly title?: string
}

const ofRun = (run: string) => ({ path: { run } })

export const getRuns = (signal?: AbortSignal): Promise<RunList> =>
  answer(server.GET('/runs', { signal }))

export const getResults = (run: string, signal?: AbortSignal): Promise<RunResults> =>
  answer(server.GET('/runs/{run}/results', { params: ofRun(run), signal })) as Promise<RunResults>

export const getHeadItems = (
  run: string,
  layer: number,
  head: number,
  signal?: AbortSignal,
): Promise<HeadItems> =>
  answer(
    server.GET('/runs/{run}/heads/{layer}/{head}', {
      params: { path: { run, layer, head } },
      signal,
    }),
  )

export const startRun = (body: TaskRunBody): Promise<Run> =>
  answer(server.POST('/runs', { body: whole(body) }))

export const stopRun = (run: string): Promise<Run> =>
  answer(server.POST('/runs/{run}/stop', { params: ofRun(run) }))

export const resumeRun = (run: string): Promise<Run> =>
  answer(server.POST('/runs/{run}/resume', { params: ofRun(run) }))

export const deleteRun = (run: string) =>
  answer(server.DELETE('/runs/{run}', { params: ofRun(run) }))

/** Items of a task, and the model that answers them. */
export type TaskQuestion = {
  readonly task: string
  readonly parameters?: Parameters
  readonly n: number
  readonly seed: number
  readonly model: string
}

export const getTasks = (signal?: AbortSignal): Promise<TaskList> =>
  answer(server.GET('/tasks', { signal }))

export const getTask = (
  { task: name, parameters = {}, ...question }: TaskQuestion,
  signal?: AbortSignal,
): Promise<TaskItems> =>
  answer(
    server.GET('/tasks/{name}', {
      params: {
        path: { name },
        query: { ...question, parameters: JSON.stringify(parameters) },
      },
      signal,
    }),
  )

/** The items that a file's lines are, and what cannot be used of it. */
export const readTask = (body: WrittenTask, signal?: AbortSignal): Promise<TaskItems> =>
  answer(server.POST('/tasks', { body: whole(body), signal }))
