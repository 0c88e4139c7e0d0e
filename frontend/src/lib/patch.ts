/** What is asked of two prompts: everything that decides what the Patch view shows. */

import type { Metric } from './experiment'
import type { Cuts } from './cuts'
import type { Marking } from './headKinds'
import type { Head } from './heads'
import type { Entry } from './query'

export const HEAD_COMPONENTS = ['z', 'q', 'k', 'v', 'pattern'] as const
export const LAYER_COMPONENTS = ['attn_out', 'mlp_out', 'resid_pre'] as const
export const COMPONENTS = [...HEAD_COMPONENTS, ...LAYER_COMPONENTS] as const
export type HeadComponent = (typeof HEAD_COMPONENTS)[number]
export type LayerComponent = (typeof LAYER_COMPONENTS)[number]
export type Component = (typeof COMPONENTS)[number]

export const isOfHeads = (component: Component): component is HeadComponent =>
  (HEAD_COMPONENTS as readonly string[]).includes(component)

export const DIRECTIONS = ['denoise', 'noise'] as const
export type Direction = (typeof DIRECTIONS)[number]

/** Patching compares one number of two runs: KL has none of one run alone. */
export const PATCH_METRICS = [
  'logit_difference',
  'probability',
  'log_probability',
  'probability_difference',
  'loss',
] as const satisfies readonly Metric[]
export type PatchMetric = (typeof PATCH_METRICS)[number]

export const ANALYSES = [
  'patching',
  'attribution',
  'paths',
  'interactions',
  'repair',
  'code',
] as const
export type AnalysisTab = (typeof ANALYSES)[number]

export const INPUTS = ['q', 'k', 'v'] as const
export type Input = (typeof INPUTS)[number]

export const FLOWS = ['into', 'from'] as const
export type Flow = (typeof FLOWS)[number]

export type Patch = {
  readonly model: string | null
  readonly prependBos: boolean
  /** The clean prompt. */
  readonly prompt: string
  readonly corrupt: string
  /** Single tokens; null for the first choices of the clean and of the corrupt run. */
  readonly answer: string | null
  readonly foil: string | null
  readonly component: Component
  readonly direction: Direction
  readonly metric: PatchMetric
  readonly tab: AnalysisTab
  /** The head looked at. */
  readonly focus: Head | null
  /** Which input of the head the paths lead to, */
  readonly input: Input
  /** or whether they are followed on from it. */
  readonly flow: Flow
  /** What is cut in both runs before anything is patched. */
  readonly cuts: Cuts
  /** Cuts of the link that cannot be read yet, or at all, with their parameters; they stay in it. */
  readonly unread: { readonly cuts: readonly string[]; readonly sets: readonly Entry[] }
  /** Which kinds of heads are marked on the grid. */
  readonly marks: Marking
}

export const DEFAULT_PATCH: Patch = {
  model: null,
  prependBos: true,
  prompt: '',
  corrupt: '',
  answer: null,
  foil: null,
  component: 'z',
  direction: 'denoise',
  metric: 'logit_difference',
  tab: 'patching',
  focus: null,
  input: 'q',
  flow: 'into',
  cuts: [],
  unread: { cuts: [], sets: [] },
  marks: 'none',
}

/** The same question asked the other way round: the prompts change places, and with them what is named. */
export const turnedRound = (patch: Patch): Patch => ({
  ...patch,
  prompt: patch.corrupt,
  corrupt: patch.prompt,
  answer: patch.foil,
  foil: patch.answer,
})
