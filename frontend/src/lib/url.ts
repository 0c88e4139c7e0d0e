import {
  DEFAULT_EXPERIMENT,
  SCORES,
  STREAMS,
  TABS,
  type Experiment,
  type TokenRef,
} from './experiment'
import { ABLATION_METHODS, headName, parseHead, sameHead, type Cut } from './heads'

/*
 * The experiment as a query a person can read: ?p=When+Mary&cut=L9H6z.L10H0m&n=20. What has its
 * default value is left out, except the prompt; what cannot be read falls back to the default.
 */

const initial = <T extends string>(names: readonly T[], letter: string | undefined) =>
  names.find((name) => name[0] === letter)

const writeCuts = (cuts: readonly Cut[]) =>
  cuts.map((cut) => headName(cut) + cut.method[0]).join('.')

function readCuts(text: string): Cut[] {
  const cuts: Cut[] = []
  for (const item of text.split('.')) {
    const head = parseHead(item.slice(0, -1))
    const method = initial(ABLATION_METHODS, item.at(-1))
    if (head && method && !cuts.some((cut) => sameHead(cut, head))) cuts.push({ ...head, method })
  }
  return cuts
}

const writeToken = ({ stream, index }: TokenRef) => `${stream[0]}${index}`

function readToken(text: string): TokenRef | null {
  const stream = initial(STREAMS, text[0])
  return stream && /^.\d{1,6}$/.test(text) ? { stream, index: Number(text.slice(1)) } : null
}

function readNumber(text: string | null, accept: (value: number) => boolean): number | null {
  if (text === null || text.trim() === '') return null
  const value = Number(text)
  return Number.isFinite(value) && accept(value) ? value : null
}

const from = (low: number) => (value: number) => Number.isSafeInteger(value) && value >= low

const oneOf = <T extends string>(names: readonly T[], text: string | null): T | null =>
  names.find((name) => name === text) ?? null

/** URLSearchParams escapes more than a query needs; these read better as they are. */
const readable = (query: string) =>
  query.replace(/%2C/g, ',').replace(/%3A/g, ':').replace(/%3F/g, '?').replace(/%2F/g, '/')

/** Without its prompt a query means "the first example", whatever the model's examples are. */
export function encode(experiment: Experiment, { withPrompt = true } = {}): string {
  const query = new URLSearchParams(withPrompt ? { p: experiment.prompt } : {})
  const put = (name: string, value: string | number | null, unless: unknown) => {
    if (value !== null && value !== unless) query.set(name, String(value))
  }
  const standard = DEFAULT_EXPERIMENT
  put('cut', writeCuts(experiment.cuts), '')
  put('with', experiment.method, standard.method)
  put('n', experiment.maxNewTokens, standard.maxNewTokens)
  put('t', experiment.temperature, standard.temperature)
  put('k', experiment.topK, null)
  put('seed', experiment.seed, null)
  put('bos', experiment.prependBos ? 1 : 0, 1)
  put('m', experiment.model, null)
  put('by', experiment.score, standard.score)
  put('tab', experiment.tab, standard.tab)
  put('at', experiment.focus && headName(experiment.focus), null)
  put('tok', experiment.token && writeToken(experiment.token), null)
  const text = readable(query.toString())
  return text && `?${text}`
}

export const hasPrompt = (search: string): boolean => new URLSearchParams(search).has('p')

export function decode(search: string, standard: Experiment = DEFAULT_EXPERIMENT): Experiment {
  const query = new URLSearchParams(search)
  return {
    prompt: query.get('p') ?? standard.prompt,
    cuts: query.has('cut') ? readCuts(query.get('cut') ?? '') : standard.cuts,
    method: oneOf(ABLATION_METHODS, query.get('with')) ?? standard.method,
    maxNewTokens: readNumber(query.get('n'), from(0)) ?? standard.maxNewTokens,
    temperature: readNumber(query.get('t'), (t) => t >= 0 && t <= 100) ?? standard.temperature,
    topK: readNumber(query.get('k'), from(1)),
    seed: readNumber(query.get('seed'), from(0)),
    prependBos: query.get('bos') !== '0',
    model: query.get('m') || standard.model,
    score: oneOf(SCORES, query.get('by')) ?? standard.score,
    tab: oneOf(TABS, query.get('tab')) ?? standard.tab,
    focus: parseHead(query.get('at') ?? ''),
    token: readToken(query.get('tok') ?? ''),
  }
}
