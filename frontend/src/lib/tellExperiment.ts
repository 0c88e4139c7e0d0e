import { tellCuts } from './cuts'
import type { Experiment } from './experiment'
import { lastWords } from './format'
import { headName } from './heads'

const longest = 160

/** What a picture was taken of, in one line: model, prompt and cuts. */
export function tellExperiment({ prompt, model, cuts }: Experiment): string {
  const text = prompt.length > longest ? `${prompt.slice(0, longest)}…` : prompt
  return [`“${text}”`, cuts.length === 0 ? 'nothing cut' : `cut: ${tellCuts(cuts)}`, model]
    .filter(Boolean)
    .join(' · ')
}

/** How its texts are drawn, in a few words. */
export function tellSettings(experiment: Experiment): string {
  const { maxNewTokens, temperature, topK, seed, prependBos } = experiment
  return [
    `${maxNewTokens} new tokens`,
    temperature === 0 ? 'greedy' : `temperature ${temperature}`,
    topK !== null && `top-k ${topK}`,
    temperature > 0 && (seed === null ? 'random seed' : `seed ${seed}`),
    !prependBos && 'no BOS',
  ]
    .filter(Boolean)
    .join(' · ')
}

/** What a class fixes, in a line: prompt, model, and how texts are drawn. */
export function tellFixed(experiment: Experiment, model?: string): string {
  const { prompt } = experiment
  const text = prompt.length > longest ? `${prompt.slice(0, longest)}…` : prompt
  const settings = [model ?? experiment.model, tellSettings(experiment)].filter(Boolean)
  return `“${text}”; ${settings.join(' · ')}`
}

/** A name for an experiment until somebody finds a better one: one line, at most 120 characters. */
export function titleOf({ prompt, cuts }: Experiment): string {
  const named = cuts.slice(0, 4).map((cut) => headName(cut))
  const more = cuts.length > 4 ? ` and ${cuts.length - 4} more` : ''
  const what = cuts.length === 0 ? 'Nothing cut' : `${named.join(', ')}${more} cut`
  // eslint-disable-next-line no-control-regex
  const line = lastWords(prompt.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' '), 60)
  return `${what}: … ${line}`.slice(0, 120)
}
