import type { components } from './schema'

type Schemas = components['schemas']

/** What the page does not read yet, and its fixtures leave out. */
type Unread<T, Names extends keyof T> = Omit<T, Names> & Partial<Pick<T, Names>>

/** A cut as a request writes it: what has a default may be left out, a method's parameters follow. */
export type CutBody = {
  layer: number
  head?: number | null
  method?: string
  strength?: number
  positions?: number[] | null
  [parameter: string]: unknown
}
type Cutting<T> = Omit<T, 'ablations'> & { ablations: (CutBody | string)[] }

export type InferRequest = Cutting<Schemas['InferRequest']>
export type InferResponse = Unread<Schemas['Inference'], 'provenance'>
/** The page asks for `ablation` by its older name, `kl`. */
export type ImportanceRequest = Omit<Schemas['ImportanceRequest'], 'method'> & {
  method: 'gradient' | 'attribution' | 'l2' | 'kl'
}
export type ImportanceResponse = Unread<Schemas['HeadScores'], 'provenance'>
export type LogitLensRequest = Cutting<Schemas['LogitLensRequest']>
export type LogitLensResponse = Unread<Schemas['LogitLens'], 'provenance'>
export type LensRun = Schemas['LensRun']
export type AttentionRequest = Cutting<Schemas['AttentionRequest']>
/** The answer where one head was asked for. */
export type AttentionResponse = Omit<
  Unread<Schemas['AttentionPatterns'], 'provenance'>,
  'layer' | 'head' | 'method' | 'control' | 'ablated'
> & {
  layer: number
  head: number
  method: 'zero' | 'mean' | 'previous' | null
  control: number[][]
  ablated: number[][]
}
export type TokenizeResponse = Unread<Schemas['Tokens'], 'provenance' | 'warnings'>
export type Example = Omit<Unread<Schemas['Example'], 'id'>, 'ablations'> & {
  ablations: { layer: number; head: number; method: 'zero' | 'mean' | 'previous' }[]
}
export type ModelInfo = Omit<Schemas['ModelInfo'], 'examples'> & { examples: Example[] }
export type ModelsResponse = Omit<Unread<Schemas['ModelsResponse'], 'methods'>, 'models'> & {
  models: ModelInfo[]
}
export type Method = Schemas['Method']
export type Parameter = Schemas['Parameter']
export type Limits = Schemas['Limits']
export type Token = Schemas['Token']
export type TokenLogprob = Schemas['TokenLogprob']
export type GeneratedToken = Schemas['GeneratedToken']
export type Continuation = Schemas['Continuation']
export type NextToken = Schemas['NextToken']
export type Metrics = Schemas['Metrics']
export type TokenMetrics = Schemas['TokenMetrics']
export type QueuedEvent = Schemas['QueuedEvent']
export type PromptEvent = Schemas['PromptRead']
export type TokenEvent = Schemas['TokenStep']
export type ProgressEvent = Schemas['SweepProgress']
export type ErrorResponse = Schemas['ErrorResponse']

/** A request as the page writes it: what has a default may be left out. */
export type Draft<T, Required extends keyof T> = Partial<T> & Pick<T, Required>
