/** What a class fixes of an experiment, and what it leaves to those who take part. */

import type { Experiment } from './experiment'
import type { Link } from './url'

/** Of a link: prompt, model, beginning of text, and how texts are drawn. */
export const FIXED_KEYS = [
  'p',
  'm',
  'bos',
  'n',
  't',
  'k',
  'seed',
] as const satisfies readonly (keyof Link)[]

type Fixed = Pick<
  Experiment,
  'prompt' | 'prependBos' | 'maxNewTokens' | 'temperature' | 'topK' | 'seed'
> &
  Partial<Pick<Experiment, 'model'>>

/** The same of an experiment; a class that names no model leaves that to the server. */
export function fixedOf(experiment: Experiment): Fixed {
  const { prompt, prependBos, maxNewTokens, temperature, topK, seed, model } = experiment
  const fixed = { prompt, prependBos, maxNewTokens, temperature, topK, seed }
  return model === null ? fixed : { ...fixed, model }
}

/** Whether an experiment is as its class has it. */
export const holds = (experiment: Experiment, fixed: Fixed): boolean =>
  Object.entries(fixed).every(([name, value]) => experiment[name as keyof Experiment] === value)

const isFixed = (key: string) => (FIXED_KEYS as readonly string[]).includes(key)

const only = (link: Link, keep: (key: string) => boolean): Link =>
  Object.fromEntries(Object.entries(link).filter(([key]) => keep(key)))

/** Without where it came from: neither a class nor a saved experiment opens itself. */
const withoutOrigin = (link: Link) => only(link, (key) => key !== 'class' && key !== 'saved')

/** What a class is made of: the experiment, with its cuts as a beginning or without. */
export const linkOfClass = (link: Link, withCuts: boolean): Link =>
  only(
    withoutOrigin(link),
    (key) =>
      (withCuts || !(key === 'cut' || key.startsWith('set'))) && key !== 'at' && key !== 'tok',
  )

/** What is handed in: the class's own prompt and settings, letter for letter, and one's own cuts. */
export const linkOfAnswer = (link: Link, ofClass: Link): Link => ({
  ...only(withoutOrigin(link), (key) => !isFixed(key)),
  ...only(ofClass, isFixed),
})
