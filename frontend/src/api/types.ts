import type { Cut } from '@/lib/cuts'
import type { components } from './schema'

type Schemas = components['schemas']

/** What the page does not read, and its fixtures leave out. */
type Unread<T, Names extends keyof T> = Omit<T, Names> & Partial<Pick<T, Names>>

export type InferRequest = Schemas['InferRequest']
export type InferResponse = Unread<Schemas['Inference'], 'provenance'>
export type ImportanceRequest = Schemas['ImportanceRequest']
export type ImportanceResponse = Unread<Schemas['HeadScores'], 'provenance'>
export type LogitLensRequest = Schemas['LogitLensRequest']
export type LogitLensResponse = Unread<Schemas['LogitLens'], 'provenance'>
export type LensRun = Schemas['LensRun']
export type AttentionRequest = Schemas['AttentionRequest']
/** The answer where one head was asked for. */
export type AttentionResponse = Omit<
  Unread<Schemas['AttentionPatterns'], 'provenance'>,
  'layer' | 'head' | 'control' | 'ablated'
> & {
  layer: number
  head: number
  control: number[][]
  ablated: number[][]
}
export type TokenizeResponse = Unread<Schemas['Tokens'], 'provenance' | 'warnings'>
export type ModelsResponse = Omit<Unread<Schemas['ModelsResponse'], 'methods'>, 'models'> & {
  models: ModelInfo[]
}
export type ModelInfo = Omit<Schemas['ModelInfo'], 'examples' | 'circuits'> & {
  examples?: Example[]
  circuits?: NamedCircuit[]
}
export type Example = Omit<Unread<Schemas['Example'], 'id'>, 'ablations'> & {
  ablations?: readonly Ablation[]
}
export type Method = Schemas['Method']
export type Limits = Schemas['Limits']
export type Provenance = Schemas['Provenance']
export type Saving = Schemas['Saving']
export type SavedReceipt = Schemas['Saved']
/** An answer of an analysis, whichever; its provenance says which. */
export type SavedResult = Readonly<Record<string, unknown>>
export type NewExperiment = Omit<Schemas['NewExperiment'], 'results'> & {
  readonly results: readonly SavedResult[]
}
export type SavedExperiment = Omit<Schemas['SavedExperiment'], 'results'> & {
  readonly results: readonly SavedResult[]
}
export type NewClass = Schemas['NewClass']
export type ClassLink = Schemas['ClassLink']
export type ClassAnswer = Schemas['ClassAnswer']
export type ClassAnswers = Schemas['ClassAnswers']
export type NewAnswer = Omit<Schemas['NewAnswer'], 'results'> & {
  readonly results: readonly SavedResult[]
}
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
export type PatchingRequest = Schemas['PatchingRequest']
export type PatchingResponse = Unread<Schemas['Patching'], 'provenance'>
export type PatchingEvent = Schemas['PatchingProgress']
export type AttributionRequest = Schemas['AttributionRequest']
export type AttributionResponse = Unread<Schemas['DirectAttribution'], 'provenance'>
export type PathsResponse = Unread<Schemas['Paths'], 'provenance'>
export type PathsEvent = Schemas['PathsProgress']
export type RepairResponse = Unread<Schemas['SelfRepair'], 'provenance'>
export type VerifyResponse = Unread<Schemas['Verification'], 'provenance'>
export type VerifyEvent = Schemas['VerifyProgress']
export type Comparison = Schemas['Comparison']
export type HeadTypesRequest = Schemas['HeadTypesRequest']
export type HeadTypesResponse = Unread<Schemas['HeadTypes'], 'provenance'>
export type InteractionsResponse = Unread<Schemas['Interactions'], 'provenance'>
export type SinglesEvent = Schemas['SinglesKnown']
export type PairsEvent = Schemas['PairsKnown']
export type Run = Schemas['Run']
export type RunList = Schemas['RunList']
export type RunResults = Schemas['RunResults']
export type HeadItems = Schemas['HeadItems']
export type ScoredItem = Schemas['ScoredItem']
export type TaskInfo = Schemas['TaskDescription']
export type TaskList = Schemas['TaskList']
export type CircuitTest = Schemas['CircuitTest']
export type CircuitProgress = Schemas['CircuitProgress']
export type FoundCircuit = Schemas['FoundCircuit']
export type CircuitSearchProgress = Schemas['CircuitSearchProgress']
export type NamedCircuit = Schemas['NamedCircuit']
export type WrittenTask = Pick<Schemas['WrittenTaskRequest'], 'text' | 'format' | 'title'> & {
  readonly model: string
}
export type OwnItem = Pick<
  Schemas['TaskItem'],
  'prompt' | 'answer' | 'foil' | 'corrupt' | 'positions'
>
export type TaskItems = Unread<Schemas['TaskItems'], 'provenance'>
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
