/*
 * The Patch view as a query a person can read: ?p=When+Mary&c=When+John&of=pattern&at=L6H6&v=1.
 * What has its default value is left out, except the prompts; what cannot be read falls back to the
 * default.
 */

import { headName, parseHead } from './heads'
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
import { first, parseQuery, writeQuery, type Query } from './query'

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
  'bos',
  'm',
  'v',
] as const

/** What a link to two prompts says, as it is written: the address's typed search parameters. */
export type PatchLink = Readonly<Partial<Record<(typeof KEYS)[number], string>>>

/** The entries of a query that mean something here, each key once. */
export const readPatchLink = (query: Query): PatchLink =>
  Object.fromEntries(
    KEYS.flatMap((key) => {
      const text = first(query, key)
      return text === undefined ? [] : [[key, text] as const]
    }),
  )

export const parsePatchLink = (search: string): PatchLink => readPatchLink(parseQuery(search))

export const writePatchLink = (link: PatchLink): string => writeQuery(link)

export const PATCH_LINKS = { parse: parsePatchLink, write: writePatchLink }

const oneOf = <T extends string>(names: readonly T[], text: string | undefined, standard: T): T =>
  names.find((name) => name === text) ?? standard

export function encodePatch(patch: Patch): PatchLink {
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
    bos: patch.prependBos ? undefined : '0',
    m: patch.model ?? undefined,
    v: VERSION,
  }
  return Object.fromEntries(Object.entries(link).filter(([, text]) => text !== undefined))
}

/** A link without prompts means `standard`, e.g. the model's first example, as a whole. */
export function decodePatch(link: PatchLink, standard: Patch = DEFAULT_PATCH): Patch {
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
  }
}
