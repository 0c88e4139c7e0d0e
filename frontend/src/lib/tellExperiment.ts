import { tellEffect } from './cuts'
import type { Experiment } from './experiment'
import { lastWords } from './format'
import { headName } from './heads'

const longest = 160
const most = 12

/** What a picture was taken of, in one line: model, prompt and cuts. */
export function tellExperiment({ prompt, model, cuts }: Experiment): string {
  const text = prompt.length > longest ? `${prompt.slice(0, longest)}…` : prompt
  const named = cuts.slice(0, most).map((cut) => `${headName(cut)} ${tellEffect(cut)}`)
  const rest = cuts.length > most ? ` and ${cuts.length - most} more` : ''
  return [`“${text}”`, cuts.length === 0 ? 'nothing cut' : `cut: ${named.join(', ')}${rest}`, model]
    .filter(Boolean)
    .join(' · ')
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
