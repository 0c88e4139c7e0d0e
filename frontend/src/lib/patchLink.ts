/*
 * The Patch view as a query a person can read: ?p=When+Mary&c=When+John&of=pattern&at=L6H6&v=1.
 * What has its default value is left out, except the prompts; what cannot be read falls back to the
 * default.
 */

import { MARKINGS } from './headKinds'
import { byPosition, headName, parseHead } from './heads'
import type { Methods } from './methods'
import { readCuts, writeCut } from './notation'
import { isSetKey, numberSets, readSets, setsNamedBy, type SetKey } from './parameterSets'
import {
  ANALYSES,
  COMPONENTS,
  DEFAULT_PATCH,
  DIRECTIONS,
  FLOWS,
  INPUTS,
  PATCH_METRICS,
  type Patch,
} from './patch'
import { entriesOf, first, parseQuery, queryOf, writeQuery, type Query } from './query'

const VERSION = '1'

const KEYS = [
  'p',
  'c',
  'answer',
  'foil',
  'of',
  'dir',
  'metric',
  'tab',
  'at',
  'input',
  'flow',
  'cut',
  'marks',
  'bos',
  'm',
  'v',
] as const

/** What a link to two prompts says, as it is written: the address's typed search parameters. */
export type PatchLink = Readonly<Partial<Record<(typeof KEYS)[number], string>>> & {
  readonly [set in SetKey]?: string | readonly string[]
}

/** The entries of a query that mean something here, each key once. */
export function readPatchLink(query: Query): PatchLink {
  const known = KEYS.flatMap((key) => {
    const text = first(query, key)
    return text === undefined ? [] : [[key, text] as const]
  })
  return queryOf([...known, ...entriesOf(query).filter(([key]) => isSetKey(key))])
}

export const parsePatchLink = (search: string): PatchLink => readPatchLink(parseQuery(search))

export const writePatchLink = (link: PatchLink): string => writeQuery(link)

export const PATCH_LINKS = { parse: parsePatchLink, write: writePatchLink }

const oneOf = <T extends string>(names: readonly T[], text: string | undefined, standard: T): T =>
  names.find((name) => name === text) ?? standard

export function encodePatch(patch: Patch, methods: Methods): PatchLink {
  const sets = numberSets(patch.unread.sets)
  const cuts = patch.cuts.map((cut) => writeCut(cut, methods, sets.numberOf(cut)))
  const standard = DEFAULT_PATCH
  const unless = <T extends string>(value: T, usual: T) => (value === usual ? undefined : value)
  const link: Record<(typeof KEYS)[number], string | undefined> = {
    p: patch.prompt,
    c: patch.corrupt,
    answer: patch.answer ?? undefined,
    foil: patch.foil ?? undefined,
    of: unless(patch.component, standard.component),
    dir: unless(patch.direction, standard.direction),
    metric: unless(patch.metric, standard.metric),
    tab: unless(patch.tab, standard.tab),
    at: patch.focus ? headName(patch.focus) : undefined,
    input: unless(patch.input, standard.input),
    flow: unless(patch.flow, standard.flow),
    cut: [...cuts, ...patch.unread.cuts].join('.') || undefined,
    marks: unless(patch.marks, standard.marks),
    bos: patch.prependBos ? undefined : '0',
    m: patch.model ?? undefined,
    v: VERSION,
  }
  const said = Object.entries(link).filter(([, text]) => text !== undefined)
  return { ...Object.fromEntries(said), ...queryOf(sets.entries) }
}

/**
 * A link without prompts means `standard`, e.g. the model's first example, as a whole. `methods` are
 * those the server knows; without them every cut is kept unread.
 */
export function decodePatch(
  link: PatchLink,
  methods: Methods,
  standard: Patch = DEFAULT_PATCH,
): Patch {
  const entries = entriesOf(link)
  const { cuts, unread } = readCuts(link.cut ?? '', methods, readSets(entries))
  const base = link.p === undefined && link.c === undefined ? standard : DEFAULT_PATCH
  return {
    model: link.m || standard.model,
    prependBos: link.bos !== '0',
    prompt: link.p ?? base.prompt,
    corrupt: link.c ?? base.corrupt,
    answer: link.answer || base.answer,
    foil: link.foil || base.foil,
    component: oneOf(COMPONENTS, link.of, base.component),
    direction: oneOf(DIRECTIONS, link.dir, base.direction),
    metric: oneOf(PATCH_METRICS, link.metric, base.metric),
    tab: oneOf(ANALYSES, link.tab, base.tab),
    focus: link.at === undefined ? base.focus : parseHead(link.at),
    input: oneOf(INPUTS, link.input, base.input),
    flow: oneOf(FLOWS, link.flow, base.flow),
    cuts: cuts.sort(byPosition),
    unread: { cuts: unread, sets: setsNamedBy(unread, entries) },
    marks: oneOf(MARKINGS, link.marks, base.marks),
  }
}
