import type { AblationMethod, Cut, Head } from './heads'

export const SCORES = ['none', 'gradient', 'attribution', 'l2', 'kl'] as const
export type Score = (typeof SCORES)[number]

export const TABS = ['changes', 'metrics', 'lens', 'attention', 'scatter', 'code'] as const
export type Tab = (typeof TABS)[number]

export const STREAMS = ['prompt', 'control', 'ablated'] as const
export type Stream = (typeof STREAMS)[number]

/** A token of the page: the prompt's with its BOS counted, or a continuation's, from zero. */
export type TokenRef = { readonly stream: Stream; readonly index: number }

/** Everything that decides what the page shows; all of it lives in the URL. */
export type Experiment = {
  readonly prompt: string
  readonly cuts: readonly Cut[]
  /** What the next cut does to a pattern, and what the KL score cuts with. */
  readonly method: AblationMethod
  readonly maxNewTokens: number
  readonly temperature: number
  readonly topK: number | null
  readonly seed: number | null
  readonly prependBos: boolean
  readonly model: string | null
  readonly score: Score
  readonly tab: Tab
  /** The head whose attention pattern is shown. */
  readonly focus: Head | null
  /** The token whose logit lens is shown. */
  readonly token: TokenRef | null
}

export const DEFAULT_EXPERIMENT: Experiment = {
  prompt: '',
  cuts: [],
  method: 'zero',
  maxNewTokens: 20,
  temperature: 0,
  topK: null,
  seed: null,
  prependBos: true,
  model: null,
  score: 'gradient',
  tab: 'changes',
  focus: null,
  token: null,
}
