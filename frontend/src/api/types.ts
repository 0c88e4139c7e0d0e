import type { Cut } from '@/lib/cuts'
import type { Methods } from '@/lib/methods'
import type { components } from './schema'

type Schemas = components['schemas']

export type InferRequest = Schemas['InferRequest']
export type InferResponse = Schemas['InferResponse']
export type ImportanceRequest = Schemas['ImportanceRequest']
export type ImportanceResponse = Schemas['ImportanceResponse']
export type LogitLensRequest = Schemas['LogitLensRequest']
export type LogitLensResponse = Schemas['LogitLensResponse']
export type LensRun = Schemas['LensRun']
export type AttentionRequest = Schemas['AttentionRequest']
export type AttentionResponse = Schemas['AttentionResponse']
export type TokenizeResponse = Schemas['TokenizeResponse']
export type ModelsResponse = Omit<Schemas['ModelsResponse'], 'models'> & {
  models: ModelInfo[]
  methods?: Methods
}
export type ModelInfo = Omit<Schemas['ModelInfo'], 'examples'> & { examples?: Example[] }
export type Example = Omit<Schemas['Example'], 'ablations'> & {
  id?: string
  ablations?: readonly Ablation[]
}
export type Limits = Schemas['Limits']
export type Token = Schemas['Token']
export type TokenLogprob = Schemas['TokenLogprob']
export type GeneratedToken = Schemas['GeneratedToken']
export type Continuation = Schemas['Continuation']
export type NextToken = Schemas['NextToken']
export type Metrics = Schemas['Metrics']
export type TokenMetrics = Schemas['TokenMetrics']
export type QueuedEvent = Schemas['QueuedEvent']
export type PromptEvent = Schemas['PromptEvent']
export type TokenEvent = Schemas['TokenEvent']
export type ProgressEvent = Schemas['ProgressEvent']
export type ErrorResponse = Schemas['ErrorResponse']

/** As the server reads it; which methods and parameters there are, the running server decides. */
export type Ablation = Omit<Cut, 'parameters'> & Readonly<Record<string, unknown>>

/** A request as the page writes it: what has a default may be left out. */
export type Draft<T, Required extends keyof T> = Omit<
  Partial<T> & Pick<T, Required>,
  'ablations'
> & {
  ablations?: readonly Ablation[]
}
