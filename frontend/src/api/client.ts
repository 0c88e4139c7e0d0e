import { errorOf, isAbort, lostServer } from './error'
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
  ModelInfo,
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

/** fetch that throws ApiError for every answer that is not a success; aborts pass through. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, init).catch((error: unknown) => {
    throw isAbort(error) ? error : lostServer()
  })
  if (!response.ok) throw await errorOf(response)
  return response
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request(path, { signal: signal ?? null })).json() as Promise<T>
}

export const jsonBody = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})

async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const response = await request(path, { ...jsonBody(body), signal: signal ?? null })
  return response.json() as Promise<T>
}

export const getModels = (signal?: AbortSignal) => get<ModelsResponse>('/models', signal)

export const loadModel = (name: string) =>
  post<ModelInfo>(`/models/${encodeURIComponent(name)}/load`, undefined)

export const isServerAlive = (signal?: AbortSignal): Promise<boolean> =>
  fetch('/health/live', { signal: signal ?? null, cache: 'no-store' }).then(
    (response) => response.ok,
    () => false,
  )

export const getSaving = (signal?: AbortSignal) => get<Saving>('/experiments', signal)

const experimentPath = (id: string) => `/experiments/${encodeURIComponent(id)}`

export const getSaved = (id: string, signal?: AbortSignal) =>
  get<SavedExperiment>(experimentPath(id), signal)

export const saveExperiment = (body: NewExperiment) => post<SavedReceipt>('/experiments', body)

export const deleteSaved = (id: string, key: string) =>
  request(experimentPath(id), { method: 'DELETE', headers: { 'X-Experiment-Key': key } })

export const infer = (body: Draft<InferRequest, 'prompt'>, signal?: AbortSignal) =>
  post<InferResponse>('/infer', body, signal)

export const attribution = (
  body: Draft<AttributionRequest, 'prompt' | 'answer' | 'foil'>,
  signal?: AbortSignal,
) => post<AttributionResponse>('/attribution', body, signal)

export const headTypes = (body: Draft<HeadTypesRequest, never>, signal?: AbortSignal) =>
  post<HeadTypesResponse>('/head-types', body, signal)

/** The TransformerLens script of any analysis, from the same body. */
export const codeOf = (path: string, body: unknown, signal?: AbortSignal) =>
  post<{ code: string }>(`${path}/code`, body, signal)

export const importance = (body: Draft<ImportanceRequest, 'prompt'>, signal?: AbortSignal) =>
  post<ImportanceResponse>('/importance', body, signal)

export const logitLens = (body: Draft<LogitLensRequest, 'prompt'>, signal?: AbortSignal) =>
  post<LogitLensResponse>('/logit-lens', body, signal)

export const attention = (
  body: Draft<AttentionRequest, 'prompt' | 'layer' | 'head'>,
  signal?: AbortSignal,
) => post<AttentionResponse>('/attention', body, signal)

export const tokenize = (
  body: { text: string; model?: string | null; prepend_bos?: boolean },
  signal?: AbortSignal,
) => post<TokenizeResponse>('/tokenize', body, signal)

const runAt = (id: string, rest = '') => `/runs/${encodeURIComponent(id)}${rest}`

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

export const getRuns = (signal?: AbortSignal) => get<RunList>('/runs', signal)

export const getResults = (id: string, signal?: AbortSignal) =>
  get<RunResults>(runAt(id, '/results'), signal)

export const getHeadItems = (id: string, layer: number, head: number, signal?: AbortSignal) =>
  get<HeadItems>(runAt(id, `/heads/${layer}/${head}`), signal)

export const startRun = (body: TaskRunBody) => post<Run>('/runs', body)

export const stopRun = (id: string) => post<Run>(runAt(id, '/stop'), undefined)

export const deleteRun = (id: string) => request(runAt(id), { method: 'DELETE' })

/** Items of a task, and the model that answers them. */
export type TaskQuestion = {
  readonly task: string
  readonly parameters?: Parameters
  readonly n: number
  readonly seed: number
  readonly model: string
}

export const getTasks = (signal?: AbortSignal) => get<TaskList>('/tasks', signal)

export function getTask(question: TaskQuestion, signal?: AbortSignal) {
  const { task, parameters = {}, n, seed, model } = question
  const asked = new URLSearchParams({
    n: String(n),
    seed: String(seed),
    model,
    parameters: JSON.stringify(parameters),
  })
  return get<TaskItems>(`/tasks/${encodeURIComponent(task)}?${asked}`, signal)
}

/** The items that a file's lines are, and what cannot be used of it. */
export const readTask = (body: WrittenTask, signal?: AbortSignal) =>
  post<TaskItems>('/tasks', body, signal)
