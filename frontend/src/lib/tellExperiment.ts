import { tellEffect } from './cuts'
import type { Experiment } from './experiment'
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
