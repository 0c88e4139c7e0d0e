import type { Effect } from './cuts'
import { byPosition, headName, parseHead } from './heads'
import {
  DEFAULT_EXPERIMENT,
  METRICS,
  SCORES,
  STREAMS,
  TABS,
  type Experiment,
  type TokenRef,
} from './experiment'
import { methodNamed, type Methods } from './methods'
import { readCuts, readEffect, writeCut, writeEffect, type ParameterSets } from './notation'
import { numberSets, readSets, setsNamedBy } from './parameterSets'

/*
 * The experiment as a query a person can read: ?p=When+Mary&cut=L9H6z*0.5.M10z&n=20&v=2. What has
 * its default value is left out, except the prompt; what cannot be read falls back to the default,
 * but cuts that cannot are kept as they stand. Links without a version are of the first.
 */

const VERSION = '2'

const initial = <T extends string>(names: readonly T[], letter: string | undefined) =>
  names.find((name) => name[0] === letter)

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
  query
    .replace(/%2C/g, ',')
    .replace(/%3A/g, ':')
    .replace(/%3F/g, '?')
    .replace(/%2F/g, '/')
    .replace(/%40/g, '@')
    .replace(/%7E/g, '~')

/** Without its prompt a query means "the first example", whatever the model's examples are. */
export function encode(
  experiment: Experiment,
  methods: Methods,
  { withPrompt = true } = {},
): string {
  const query = new URLSearchParams(withPrompt ? { p: experiment.prompt } : {})
  const put = (name: string, value: string | number | null, unless: unknown) => {
    if (value !== null && value !== unless) query.set(name, String(value))
  }
  const standard = DEFAULT_EXPERIMENT
  const { brush, unread } = experiment
  const sets = numberSets(unread.sets)
  const cuts = experiment.cuts.map((cut) => writeCut(cut, methods, sets.numberOf(cut)))
  const letter = methodNamed(methods, brush.method)?.letter ?? 'z'
  put('ex', experiment.example, null)
  put('cut', [...cuts, ...unread.cuts].join('.'), '')
  put('with', unread.brush ?? writeEffect(brush, letter, sets.numberOf(brush)), 'z')
  put('n', experiment.maxNewTokens, standard.maxNewTokens)
  put('t', experiment.temperature, standard.temperature)
  put('k', experiment.topK, null)
  put('seed', experiment.seed, null)
  put('bos', experiment.prependBos ? 1 : 0, 1)
  put('m', experiment.model, null)
  put('by', experiment.score, standard.score)
  put('metric', experiment.metric, null)
  put('answer', experiment.answer, null)
  put('foil', experiment.foil, null)
  put('given', experiment.given ? 1 : 0, 0)
  put('tab', experiment.tab, standard.tab)
  put('at', experiment.focus && headName(experiment.focus), null)
  put('tok', experiment.token && writeToken(experiment.token), null)
  for (const [key, text] of sets.entries) query.append(key, text)
  if (query.size > 0) query.set('v', VERSION)
  const text = readable(query.toString())
  return text && `?${text}`
}

export const hasPrompt = (search: string): boolean => new URLSearchParams(search).has('p')

/** The first version called the ablation score by its metric. */
function modernized(query: URLSearchParams): URLSearchParams {
  if (!query.has('v') && query.get('by') === 'kl') query.set('by', 'ablation')
  return query
}

/** A method by its name alone, as the first version wrote it, or an effect in short. */
const readBrush = (text: string, methods: Methods, sets: ParameterSets): Effect | null =>
  methodNamed(methods, text) ? { method: text } : readEffect(text, methods, sets)

/** `methods` are those the server knows; without them every cut is kept unread. */
export function decode(
  search: string,
  methods: Methods,
  standard: Experiment = DEFAULT_EXPERIMENT,
): Experiment {
  const query = modernized(new URLSearchParams(search))
  const sets = readSets(query)
  const { cuts, unread } = readCuts(query.get('cut') ?? '', methods, sets)
  const withText = query.get('with')
  const brush = withText === null ? standard.brush : readBrush(withText, methods, sets)
  const unreadBrush = brush ? null : withText
  return {
    prompt: query.get('p') ?? standard.prompt,
    example: query.get('ex') || (query.has('p') ? null : standard.example),
    cuts: query.has('cut') ? cuts.sort(byPosition) : standard.cuts,
    brush: brush ?? standard.brush,
    unread: {
      cuts: unread,
      brush: unreadBrush,
      sets: setsNamedBy([...unread, unreadBrush ?? ''], query),
    },
    maxNewTokens: readNumber(query.get('n'), from(0)) ?? standard.maxNewTokens,
    temperature: readNumber(query.get('t'), (t) => t >= 0 && t <= 100) ?? standard.temperature,
    topK: readNumber(query.get('k'), from(1)),
    seed: readNumber(query.get('seed'), from(0)),
    prependBos: query.get('bos') !== '0',
    model: query.get('m') || standard.model,
    score: oneOf(SCORES, query.get('by')) ?? standard.score,
    metric: oneOf(METRICS, query.get('metric')),
    answer: query.get('answer') || null,
    foil: query.get('foil') || null,
    given: query.get('given') === '1',
    tab: oneOf(TABS, query.get('tab')) ?? standard.tab,
    focus: parseHead(query.get('at') ?? ''),
    token: readToken(query.get('tok') ?? ''),
  }
}
