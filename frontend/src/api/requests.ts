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
