import type { Experiment, Metric, Score } from '@/lib/experiment'
import type { Cut, Effect } from '@/lib/cuts'
import type { CircuitQuestion } from '@/lib/circuitLink'
import { headName, type Head } from '@/lib/heads'
import { INPUTS, type Flow, type Patch } from '@/lib/patch'
import type { Ablation } from './types'

/** A cut as the server reads it; what has its default is left out. */
export function ablationOf({
  layer,
  head,
  method,
  strength,
  positions,
  parameters,
}: Cut): Ablation {
  return {
    layer,
    ...(head === null ? {} : { head }),
    method,
    ...(strength === undefined ? {} : { strength }),
    ...(positions === undefined ? {} : { positions }),
    ...parameters,
  } as Ablation
}

type Reading = Pick<Experiment, 'prompt' | 'model' | 'prependBos'>

/** What every route needs to read the prompt. */
export const readingOf = ({ prompt, model, prependBos }: Reading) => ({
  prompt,
  ...(model === null ? {} : { model }),
  prepend_bos: prependBos,
})

/** The fields of the page's experiment that every route understands, under the wire's names. */
export const surgeryOf = (experiment: Experiment) => ({
  ...readingOf(experiment),
  ablations: experiment.cuts.map(ablationOf),
})

export type Surgery = ReturnType<typeof surgeryOf>

/** The body of /infer for a full run; `alternatives` feeds the tokens' popovers. */
export const inferBodyOf = (experiment: Experiment) => ({
  ...surgeryOf(experiment),
  max_new_tokens: experiment.maxNewTokens,
  temperature: experiment.temperature,
  ...(experiment.topK === null ? {} : { top_k: experiment.topK }),
  ...(experiment.seed === null ? {} : { seed: experiment.seed }),
})

export type RunBody = ReturnType<typeof inferBodyOf>

/** The body that repeats a run: a sampled one with the seed that was drawn for it. */
export const repeatBodyOf = (experiment: Experiment, drawnSeed: number | null) =>
  inferBodyOf({
    ...experiment,
    seed: experiment.seed ?? (experiment.temperature > 0 ? drawnSeed : null),
  })

/** Of /infer, the view right after the prompt alone. */
export const NEXT_TOKEN_ALONE = { max_new_tokens: 0, positions: 'last', alternatives: 6 } as const

/** The body of /infer for the view right after the prompt. */
export const nextTokenBodyOf = (experiment: Experiment) => ({
  ...surgeryOf(experiment),
  ...NEXT_TOKEN_ALONE,
})

export type ScoreMethod = Exclude<Score, 'none'>

export type ScoreQuestion = {
  readonly method: ScoreMethod
  readonly metric: Metric | null
  readonly answer: string | null
  readonly foil: string | null
}

/** The metrics that ask about single tokens: of an answer, and against a foil. */
export const NEEDS: Readonly<Record<Metric, readonly ('answer' | 'foil')[]>> = {
  kl: [],
  loss: [],
  logit_difference: ['answer', 'foil'],
  probability: ['answer'],
  log_probability: ['answer'],
  probability_difference: ['answer', 'foil'],
}

/** What a score is of, unless asked otherwise; null where the method measures no metric. */
export const standardMetric = (method: ScoreMethod): Metric | null =>
  method === 'ablation' ? 'kl' : method === 'l2' ? null : 'loss'

/** How the sweep cuts each head in turn: as the brush would, but everywhere in the text. */
const sweepOf = ({ method, strength, parameters }: Effect) => ({
  ablation_method: method,
  ...(strength === undefined ? {} : { ablation_strength: strength }),
  ...(parameters === undefined ? {} : { ablation_parameters: parameters }),
})

/** The body of /importance; `given` asks about the model as it is now cut. */
export function importanceBodyOf(experiment: Experiment, question: ScoreQuestion, given: boolean) {
  const { method } = question
  const standard = standardMetric(method)
  const metric = question.metric === standard ? null : question.metric
  const needs = metric && standard ? NEEDS[metric] : []
  return {
    ...readingOf(experiment),
    method,
    ...(method === 'ablation' ? sweepOf(experiment.brush) : {}),
    ...(metric && standard ? { metric } : {}),
    ...Object.fromEntries(needs.map((name) => [name, question[name] ?? ''])),
    ...(given && experiment.cuts.length > 0 ? { ablations: experiment.cuts.map(ablationOf) } : {}),
  }
}

export type ImportanceBody = ReturnType<typeof importanceBodyOf>

/** The body of /attention for one head over the prompt and a continuation. */
export const attentionBodyOf = (
  experiment: Experiment,
  { layer, head }: { layer: number; head: number },
  continuation: readonly number[],
) => ({ ...surgeryOf(experiment), continuation: [...continuation], layer, head })

/** Two prompts, and the tokens asked about; `answer` and `foil` as far as they are known. */
export type PairQuestion = Pick<
  Patch,
  'prompt' | 'corrupt' | 'model' | 'prependBos' | 'metric' | 'cuts'
> & {
  readonly answer: string
  readonly foil: string
}

/** What is cut in every run, where something is. */
const cutIn = ({ cuts }: Pick<PairQuestion, 'cuts'>) =>
  cuts.length === 0 ? {} : { ablations: cuts.map(ablationOf) }

/** What every analysis of one prompt's answer against a foil is asked. */
export const contrastBodyOf = (question: PairQuestion) => ({
  ...readingOf(question),
  answer: question.answer,
  foil: question.foil,
  ...cutIn(question),
})

export type ContrastBody = ReturnType<typeof contrastBodyOf>

/** What every analysis of two prompts by a metric is asked. */
export const pairBodyOf = (question: PairQuestion) => ({
  ...readingOf(question),
  corrupt: question.corrupt,
  metric: question.metric,
  ...Object.fromEntries(NEEDS[question.metric].map((name) => [name, question[name]])),
  ...cutIn(question),
})

/** The body of /patching. */
export const patchingBodyOf = (
  question: PairQuestion,
  { component, direction }: Pick<Patch, 'component' | 'direction'>,
  {
    eachPosition = false,
    estimate = false,
    head = null,
  }: { eachPosition?: boolean; estimate?: boolean; head?: Head | null } = {},
) => ({
  ...pairBodyOf(question),
  component,
  direction,
  ...(head ? { heads: [headName(head)] } : {}),
  ...(eachPosition ? { each_position: true } : {}),
  ...(estimate ? { estimate: true } : {}),
})

export type PatchingBody = ReturnType<typeof patchingBodyOf>

/** The body of /paths: what feeds a head's three inputs, or all that it feeds itself. */
export const pathsBodyOf = (question: PairQuestion, head: Head, flow: Flow) => ({
  ...pairBodyOf(question),
  ...(flow === 'into'
    ? { receivers: INPUTS.map((input) => `${headName(head)}${input}`) }
    : { senders: [headName(head)], receivers: ['all', 'logits'] }),
})

export type PathsBody = ReturnType<typeof pathsBodyOf>

/** The body of /interactions: all pairs of heads, on the clean prompt. */
export const interactionsBodyOf = (question: PairQuestion) => ({
  ...readingOf(question),
  metric: question.metric,
  ...Object.fromEntries(NEEDS[question.metric].map((name) => [name, question[name]])),
  ...cutIn(question),
})

export type InteractionsBody = ReturnType<typeof interactionsBodyOf>

/** What every question about a circuit is asked of: a task's items, and what stands in for heads. */
const itemsOf = ({ task, seed, method, model }: CircuitQuestion, n: number) => ({
  task,
  n,
  seed,
  ablation_method: method,
  ...(model === null ? {} : { model }),
})

export type CircuitMeasure = 'minimality' | 'completeness' | 'curve' | 'edges'

/** The body of /circuit: these heads against the whole model and, where asked, random circuits. */
export const circuitBodyOf = (
  question: CircuitQuestion,
  heads: readonly Head[],
  { n, measures, random }: { n: number; measures: readonly CircuitMeasure[]; random: number },
) => ({
  ...itemsOf(question, n),
  heads: heads.map(headName),
  measures: [...measures],
  random,
})

export type CircuitBody = ReturnType<typeof circuitBodyOf>

/** The body of /circuit/search. */
export const searchBodyOf = (question: CircuitQuestion, heads: readonly Head[]) => ({
  ...itemsOf(question, question.n),
  direction: question.start === 'none' ? 'growth' : 'removal',
  target: question.target / 100,
  ...(question.start === 'circuit' ? { heads: heads.map(headName) } : {}),
})

export type CircuitSearchBody = ReturnType<typeof searchBodyOf>
