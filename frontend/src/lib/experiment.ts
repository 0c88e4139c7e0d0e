import type { Cuts, Effect } from './cuts'
import type { Marking } from './headKinds'
import type { Head } from './heads'

export const SCORES = ['none', 'gradient', 'attribution', 'l2', 'ablation'] as const
export type Score = (typeof SCORES)[number]

export const METRICS = [
  'kl',
  'loss',
  'logit_difference',
  'probability',
  'log_probability',
  'probability_difference',
] as const
export type Metric = (typeof METRICS)[number]

export const TABS = ['changes', 'metrics', 'lens', 'attention', 'scatter', 'code'] as const
export type Tab = (typeof TABS)[number]

export const STREAMS = ['prompt', 'control', 'ablated'] as const
export type Stream = (typeof STREAMS)[number]

/** A token of the page: the prompt's with its BOS counted, or a continuation's, from zero. */
export type TokenRef = { readonly stream: Stream; readonly index: number }

/** What a link says and this page cannot read yet, or at all: kept, so that the link stays whole. */
export type Unread = {
  readonly cuts: readonly string[]
  readonly brush: string | null
  /** Their parameters, as entries of the query. */
  readonly sets: readonly (readonly [string, string])[]
}

/** Everything that decides what the page shows; all of it lives in the URL. */
export type Experiment = {
  readonly prompt: string
  /** The chosen example's id. */
  readonly example: string | null
  readonly cuts: Cuts
  /** What the next cut does, and what the ablation score cuts with. */
  readonly brush: Effect
  readonly unread: Unread
  readonly maxNewTokens: number
  readonly temperature: number
  readonly topK: number | null
  readonly seed: number | null
  readonly prependBos: boolean
  readonly model: string | null
  readonly score: Score
  /** What the score is of; null for the score's own standard. */
  readonly metric: Metric | null
  /** The tokens the metric compares; null for the first choices of control and ablated. */
  readonly answer: string | null
  readonly foil: string | null
  /** Scores are of the model as it is now cut. */
  readonly given: boolean
  /** Which kinds of heads are marked on the grid. */
  readonly marks: Marking
  readonly tab: Tab
  /** The head whose attention pattern is shown. */
  readonly focus: Head | null
  /** The token whose logit lens is shown. */
  readonly token: TokenRef | null
  /** The saved experiment that this one began as. */
  readonly saved: string | null
  /** The class that fixes its prompt and settings. */
  readonly classroom: string | null
}

export const NOTHING_UNREAD: Unread = { cuts: [], brush: null, sets: [] }

export const DEFAULT_EXPERIMENT: Experiment = {
  prompt: '',
  example: null,
  cuts: [],
  brush: { method: 'zero' },
  unread: NOTHING_UNREAD,
  maxNewTokens: 20,
  temperature: 0,
  topK: null,
  seed: null,
  prependBos: true,
  model: null,
  score: 'gradient',
  metric: null,
  answer: null,
  foil: null,
  given: false,
  marks: 'none',
  tab: 'changes',
  focus: null,
  token: null,
  saved: null,
  classroom: null,
}
