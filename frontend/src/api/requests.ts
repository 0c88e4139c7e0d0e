import type { ImportanceRequest } from './types'
import type { Experiment } from '@/lib/experiment'

/** The fields of the page's experiment that every route understands, under the wire's names. */
export const surgeryOf = ({ prompt, cuts, model, prependBos }: Experiment) => ({
  prompt,
  ablations: cuts.map(({ layer, head, method }) => ({ layer, head, method })),
  ...(model === null ? {} : { model }),
  prepend_bos: prependBos,
})

/** The body of /infer for a full run; `alternatives` feeds the tokens' popovers. */
export const inferBodyOf = (experiment: Experiment) => ({
  ...surgeryOf(experiment),
  max_new_tokens: experiment.maxNewTokens,
  temperature: experiment.temperature,
  ...(experiment.topK === null ? {} : { top_k: experiment.topK }),
  ...(experiment.seed === null ? {} : { seed: experiment.seed }),
})

export type ScoreMethod = ImportanceRequest['method']

/** What decides a table of scores; shared by every feature that shows one. */
export const importanceParams = (experiment: Experiment, method: ScoreMethod) => ({
  prompt: experiment.prompt,
  model: experiment.model,
  prependBos: experiment.prependBos,
  method,
  ablationMethod: method === 'kl' ? experiment.method : null,
})

export type ImportanceParams = ReturnType<typeof importanceParams>

export const importanceKey = (params: ImportanceParams) => ['importance', params] as const

export const importanceBody = (params: ImportanceParams) => ({
  prompt: params.prompt,
  method: params.method,
  prepend_bos: params.prependBos,
  ...(params.model === null ? {} : { model: params.model }),
  ...(params.ablationMethod === null ? {} : { ablation_method: params.ablationMethod }),
})
