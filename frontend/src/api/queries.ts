/** Every question the page asks, as TanStack Query's options, keyed by the request itself. */

import { keepPreviousData, queryOptions, skipToken } from '@tanstack/react-query'
import {
  attention,
  attribution,
  codeOf,
  getModels,
  getSaved,
  getSaving,
  headTypes,
  infer,
  logitLens,
  tokenize,
} from './client'
import { withPairs, withSingles, type Interactions } from '@/lib/interactions'
import { withPaths, type PathsSoFar } from '@/lib/paths'
import { withProgress, type Patched } from '@/lib/patching'
import type {
  CircuitBody,
  CircuitSearchBody,
  ContrastBody,
  ImportanceBody,
  InteractionsBody,
  PatchingBody,
  PathsBody,
  RunBody,
} from './requests'
import type { Stream } from './streamQuery'
import type {
  AttentionRequest,
  CircuitProgress,
  CircuitSearchProgress,
  CircuitTest,
  Draft,
  FoundCircuit,
  GeneratedToken,
  ImportanceResponse,
  InferRequest,
  InferResponse,
  LogitLensRequest,
  Metrics,
  NextToken,
  PatchingEvent,
  PatchingResponse,
  PathsEvent,
  PathsResponse,
  RepairResponse,
  InteractionsResponse,
  PairsEvent,
  SinglesEvent,
  ProgressEvent,
  PromptEvent,
  Token,
  TokenEvent,
  TokenMetrics,
  VerifyEvent,
  VerifyResponse,
} from './types'

/** The models, their states and examples, the limits and the ablation methods. */
export const modelsQuery = () =>
  queryOptions({ queryKey: ['models'], queryFn: ({ signal }) => getModels(signal) })

/** The prompt's tokens as the model sees them. */
export const tokensQuery = (body: { text: string; model?: string; prepend_bos: boolean }) =>
  queryOptions({
    queryKey: ['tokens', body],
    queryFn: ({ signal }) => tokenize(body, signal),
    placeholderData: keepPreviousData,
  })

/** Begins the key of every question about a next token. */
export const NEXT_TOKEN = ['next-token'] as const

/** The distribution right after the prompt, control against ablated. */
export const nextTokenQuery = (body: Draft<InferRequest, 'prompt'>) =>
  queryOptions({
    queryKey: [...NEXT_TOKEN, body],
    queryFn: ({ signal }) => infer(body, signal),
    placeholderData: keepPreviousData,
  })

/** Both runs' readouts after every layer at some positions. */
export const lensQuery = (body: Draft<LogitLensRequest, 'prompt'>) =>
  queryOptions({ queryKey: ['lens', body], queryFn: ({ signal }) => logitLens(body, signal) })

/** One head's pattern in both runs. */
export const attentionQuery = (body: Draft<AttentionRequest, 'prompt' | 'layer' | 'head'>) =>
  queryOptions({ queryKey: ['attention', body], queryFn: ({ signal }) => attention(body, signal) })

/** What each part of the model adds by itself to a logit difference; nothing is asked without a body. */
export const attributionQuery = (body: ContrastBody | null) =>
  queryOptions({
    queryKey: ['attribution', body],
    queryFn: body ? ({ signal }) => attribution(body, signal) : skipToken,
    placeholderData: keepPreviousData,
  })

/** What kind of head each of a model's is, measured and published; nothing is asked without a model. */
export const headTypesQuery = (model: string | null) =>
  queryOptions({
    queryKey: ['head-types', model],
    queryFn: model === null ? skipToken : ({ signal }) => headTypes({ model }, signal),
    gcTime: Infinity,
  })

/** What can be saved here, and for how long. */
export const savingQuery = () =>
  queryOptions({ queryKey: ['saving'], queryFn: ({ signal }) => getSaving(signal) })

/** A saved experiment with the numbers of then. */
export const savedQuery = (id: string) =>
  queryOptions({ queryKey: ['saved', id], queryFn: ({ signal }) => getSaved(id, signal) })

/** The TransformerLens script that gives an analysis's numbers, as the server writes it. */
export const codeQuery = (path: string, body: object) =>
  queryOptions({
    queryKey: ['code', path, body],
    queryFn: ({ signal }) => codeOf(path, body, signal),
  })

/** A score of every head; known layer by layer. */
export const importanceStream = (
  body: ImportanceBody,
): Stream<ImportanceResponse, ProgressEvent> => ({
  path: '/importance/stream',
  body,
  step: (known, { name, value }) => (name === 'progress' ? (value as ProgressEvent) : known),
})

/** Where a difference between two prompts is carried; known patch by patch. */
export const patchingStream = (body: PatchingBody): Stream<PatchingResponse, Patched> => ({
  path: '/patching/stream',
  body,
  whole: 250,
  step: (known, { name, value }) =>
    name === 'progress' ? withProgress(known, value as PatchingEvent) : known,
})

/** What feeds a head, or what it feeds; known receiver by receiver. */
export const pathsStream = (body: PathsBody): Stream<PathsResponse, PathsSoFar> => ({
  path: '/paths/stream',
  body,
  step: (known, { name, value }) =>
    name === 'progress' ? withPaths(known, value as PathsEvent) : known,
})

/** Who stands in for each head that is cut; `done` is the share of the work. */
export const repairStream = (body: ContrastBody): Stream<RepairResponse, { done: number }> => ({
  path: '/self-repair/stream',
  body,
  step: (known, { name, value }) => (name === 'progress' ? (value as { done: number }) : known),
})

/** All pairs of heads, as they come. */
export const interactionsStream = (
  body: InteractionsBody,
): Stream<InteractionsResponse, Interactions> => ({
  path: '/interactions/stream',
  body,
  step: (known, { name, value }) =>
    name === 'singles'
      ? withSingles(value as SinglesEvent)
      : name === 'pairs'
        ? withPairs(known, value as PairsEvent)
        : known,
})

/** Whether heads are enough for a task, and needed; known measure by measure. */
export const circuitStream = (body: CircuitBody): Stream<CircuitTest, CircuitProgress> => ({
  path: '/circuit/stream',
  body,
  step: (known, { name, value }) => (name === 'progress' ? (value as CircuitProgress) : known),
})

/** The steps of a search so far, and the smallest faithful circuit. */
export type SearchSoFar = {
  readonly steps: readonly CircuitSearchProgress['step'][]
  readonly best: CircuitSearchProgress['best']
  readonly done: number
}

/** A search for a small circuit, step by step. */
export const circuitSearchStream = (
  body: CircuitSearchBody,
): Stream<FoundCircuit, SearchSoFar> => ({
  path: '/circuit/search/stream',
  body,
  step: (known, { name, value }) => {
    if (name !== 'progress') return known
    const { step, best, done } = value as CircuitSearchProgress
    return { steps: [...(known?.steps ?? []), step], best, done }
  },
})

/** Published figures beside ours, check by check. */
export const verifyStream = (): Stream<VerifyResponse, VerifyEvent> => ({
  path: '/verify/stream',
  body: {},
  step: (known, { name, value }) => {
    if (name !== 'progress') return known
    const { comparisons, done } = value as VerifyEvent
    return { comparisons: [...(known?.comparisons ?? []), ...comparisons], done }
  },
})

/** As much of both texts as has come. */
export type RunSoFar = {
  readonly promptTokens: readonly Token[]
  readonly nextToken: NextToken | null
  readonly perToken: readonly TokenMetrics[]
  readonly control: readonly GeneratedToken[]
  readonly ablated: readonly GeneratedToken[]
  readonly metrics: Metrics | null
}

export const NOTHING_SO_FAR: RunSoFar = {
  promptTokens: [],
  nextToken: null,
  perToken: [],
  control: [],
  ablated: [],
  metrics: null,
}

const added = <T>(list: readonly T[], item: T | null | undefined) => (item ? [...list, item] : list)

/** What is known of a run after one more event. */
export function runStep(known: RunSoFar | null, name: string, value: unknown): RunSoFar | null {
  const run = known ?? NOTHING_SO_FAR
  if (name === 'prompt') {
    const { prompt_tokens, next_token, per_token } = value as PromptEvent
    return { ...run, promptTokens: prompt_tokens, nextToken: next_token, perToken: per_token }
  }
  if (name === 'token') {
    const { control, ablated, metrics } = value as TokenEvent
    return {
      ...run,
      control: added(run.control, control),
      ablated: added(run.ablated, ablated),
      perToken: added(run.perToken, metrics),
    }
  }
  return name === 'metrics' ? { ...run, metrics: value as Metrics } : known
}

/** Both texts, token by token. */
export const runStream = (body: RunBody): Stream<InferResponse, RunSoFar> => ({
  path: '/infer/stream',
  body,
  step: (known, { name, value }) => runStep(known, name, value),
})
