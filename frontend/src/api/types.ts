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
export type ModelsResponse = Schemas['ModelsResponse']
export type ModelInfo = Schemas['ModelInfo']
export type Example = Schemas['Example']
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

/** A request as the page writes it: what has a default may be left out. */
export type Draft<T, Required extends keyof T> = Partial<T> & Pick<T, Required>
