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
import { MARKINGS } from './headKinds'
import { methodNamed, type Methods } from './methods'
import { readCuts, readEffect, writeCut, writeEffect, type ParameterSets } from './notation'
import { isSetKey, numberSets, readSets, setsNamedBy, type SetKey } from './parameterSets'
import { entriesOf, first, parseQuery, queryOf, writeQuery, type Query } from './query'

/*
 * The experiment as a query a person can read: ?p=When+Mary&cut=L9H6z*0.5.M10z&n=20&v=2. What has
 * its default value is left out, except the prompt; what cannot be read falls back to the default,
 * but cuts that cannot are kept as they stand. Links without a version are of the first.
 */

const VERSION = '2'

export const KEYS = [
  'p',
  'ex',
  'cut',
  'with',
  'n',
  't',
  'k',
  'seed',
  'bos',
  'm',
  'by',
  'metric',
  'answer',
  'foil',
  'given',
  'marks',
  'tab',
  'at',
  'tok',
  'saved',
  'class',
  'v',
] as const
type Key = (typeof KEYS)[number]

/** What a link to an experiment says, as it is written: the address's typed search parameters. */
export type Link = Readonly<Partial<Record<Key, string>>> & {
  readonly [set in SetKey]?: string | readonly string[]
}

/** The entries of a query that mean something here, each key once. */
export function readLink(query: Query): Link {
  const known = KEYS.flatMap((key) => {
    const text = first(query, key)
    return text === undefined ? [] : [[key, text] as const]
  })
  return queryOf([...known, ...entriesOf(query).filter(([key]) => isSetKey(key))])
}

const initial = <T extends string>(names: readonly T[], letter: string | undefined) =>
  names.find((name) => name[0] === letter)

const writeToken = ({ stream, index }: TokenRef) => `${stream[0]}${index}`

function readToken(text: string): TokenRef | null {
  const stream = initial(STREAMS, text[0])
  return stream && /^.\d{1,6}$/.test(text) ? { stream, index: Number(text.slice(1)) } : null
}

function readNumber(text: string | undefined, accept: (value: number) => boolean): number | null {
  if (text === undefined || text.trim() === '') return null
  const value = Number(text)
  return Number.isFinite(value) && accept(value) ? value : null
}

const from = (low: number) => (value: number) => Number.isSafeInteger(value) && value >= low

const oneOf = <T extends string>(names: readonly T[], text: string | undefined): T | null =>
  names.find((name) => name === text) ?? null

/** As the server names what it keeps. */
export const readId = (text = ''): string | null => (/^[\w-]{1,64}$/.test(text) ? text : null)

/** Without its prompt a link means "the first example", whatever the model's examples are. */
export function encode(experiment: Experiment, methods: Methods, { withPrompt = true } = {}): Link {
  const link: Partial<Record<Key, string>> = withPrompt ? { p: experiment.prompt } : {}
  const put = (key: Key, value: string | number | null, unless: unknown) => {
    if (value !== null && value !== unless) link[key] = String(value)
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
  put('marks', experiment.marks, standard.marks)
  put('tab', experiment.tab, standard.tab)
  put('at', experiment.focus && headName(experiment.focus), null)
  put('tok', experiment.token && writeToken(experiment.token), null)
  put('saved', experiment.saved, null)
  put('class', experiment.classroom, null)
  const whole: Link = { ...link, ...queryOf(sets.entries) }
  return Object.keys(whole).length > 0 ? { ...whole, v: VERSION } : whole
}

/** A link as the query of an address, and back. */
export const writeLink = (link: Link): string => writeQuery(link)
export const parseLink = (search: string): Link => readLink(parseQuery(search))
export const LINKS = { parse: parseLink, write: writeLink }

/** The first version called the ablation score by its metric. */
const scoreOf = ({ by, v }: Link) => (v === undefined && by === 'kl' ? 'ablation' : by)

/** A method by its name alone, as the first version wrote it, or an effect in short. */
const readBrush = (text: string, methods: Methods, sets: ParameterSets): Effect | null =>
  methodNamed(methods, text) ? { method: text } : readEffect(text, methods, sets)

/** `methods` are those the server knows; without them every cut is kept unread. */
export function decode(
  link: Link,
  methods: Methods,
  standard: Experiment = DEFAULT_EXPERIMENT,
): Experiment {
  const entries = entriesOf(link)
  const sets = readSets(entries)
  const { cuts, unread } = readCuts(link.cut ?? '', methods, sets)
  const brush = link.with === undefined ? standard.brush : readBrush(link.with, methods, sets)
  const unreadBrush = brush ? null : (link.with ?? null)
  return {
    prompt: link.p ?? standard.prompt,
    example: link.ex || (link.p === undefined ? standard.example : null),
    cuts: link.cut === undefined ? standard.cuts : cuts.sort(byPosition),
    brush: brush ?? standard.brush,
    unread: {
      cuts: unread,
      brush: unreadBrush,
      sets: setsNamedBy([...unread, unreadBrush ?? ''], entries),
    },
    maxNewTokens: readNumber(link.n, from(0)) ?? standard.maxNewTokens,
    temperature: readNumber(link.t, (t) => t >= 0 && t <= 100) ?? standard.temperature,
    topK: readNumber(link.k, from(1)),
    seed: readNumber(link.seed, from(0)),
    prependBos: link.bos !== '0',
    model: link.m || standard.model,
    score: oneOf(SCORES, scoreOf(link)) ?? standard.score,
    metric: oneOf(METRICS, link.metric),
    answer: link.answer || null,
    foil: link.foil || null,
    given: link.given === '1',
    marks: oneOf(MARKINGS, link.marks) ?? standard.marks,
    tab: oneOf(TABS, link.tab) ?? standard.tab,
    focus: parseHead(link.at ?? ''),
    token: readToken(link.tok ?? ''),
    saved: readId(link.saved),
    classroom: readId(link.class),
  }
}
