/*
 * The Circuit view as a query a person can read: ?task=ioi&n=30&heads=L0H0.L6H6&at=L6H6&v=1. What has
 * its default value is left out; what cannot be read falls back to the default. Without `heads` a link
 * means the circuit that is known of the task.
 */

import { MARKINGS, type Marking } from './headKinds'
import { byPosition, headName, parseHead, sameHead, type Head } from './heads'
import { first, type Query } from './query'

const VERSION = '1'

export const CIRCUIT_TABS = ['graph', 'heads', 'curve', 'items', 'search'] as const
export type CircuitTab = (typeof CIRCUIT_TABS)[number]

/** What a search begins with: no head, all heads, or those of the circuit. */
export const STARTS = ['none', 'all', 'circuit'] as const
export type SearchStart = (typeof STARTS)[number]

export type CircuitQuestion = {
  readonly task: string
  readonly n: number
  readonly seed: number
  /** Each once, in order; null where the link names none. */
  readonly heads: readonly Head[] | null
  /** What stands in for a head outside the circuit; which there are, the server says. */
  readonly method: string
  readonly model: string | null
  readonly tab: CircuitTab
  readonly focus: Head | null
  readonly marks: Marking
  readonly start: SearchStart
  /** Least F(C)/F(M) of what a search may end with, in percent. */
  readonly target: number
}

const KEYS = [
  'task',
  'n',
  'seed',
  'heads',
  'by',
  'm',
  'tab',
  'at',
  'marks',
  'from',
  'target',
  'v',
] as const

/** What a link says, as it is written: the address's typed search parameters. */
export type CircuitLink = Readonly<Partial<Record<(typeof KEYS)[number], string>>>

export const readCircuitLink = (query: Query): CircuitLink =>
  Object.fromEntries(
    KEYS.flatMap((key) => {
      const text = first(query, key)
      return text === undefined ? [] : [[key, text] as const]
    }),
  )

export const DEFAULT_CIRCUIT: CircuitQuestion = {
  task: 'ioi',
  n: 30,
  seed: 0,
  heads: null,
  method: 'dataset-mean',
  model: null,
  tab: 'graph',
  focus: null,
  marks: 'none',
  start: 'none',
  target: 90,
}

/** The server reads no more items in one test. */
export const MOST_CIRCUIT_ITEMS = 200

function whole(text: string | undefined, least: number, most: number, standard: number): number {
  const value = Number(text)
  return text && Number.isSafeInteger(value) && value >= least && value <= most ? value : standard
}

const oneOf = <T extends string>(names: readonly T[], text: string | undefined, standard: T): T =>
  names.find((name) => name === text) ?? standard

/** Each head once, in the order of a pass. */
export const ordered = (heads: readonly Head[]): Head[] =>
  heads
    .filter((head, i) => heads.findIndex((other) => sameHead(other, head)) === i)
    .sort(byPosition)

const readHeads = (text: string | undefined): readonly Head[] | null =>
  text === undefined ? null : ordered(text.split('.').flatMap((name) => parseHead(name) ?? []))

export function decodeCircuit(link: CircuitLink): CircuitQuestion {
  const standard = DEFAULT_CIRCUIT
  return {
    task: link.task || standard.task,
    n: whole(link.n, 1, MOST_CIRCUIT_ITEMS, standard.n),
    seed: whole(link.seed, 0, Number.MAX_SAFE_INTEGER, standard.seed),
    heads: readHeads(link.heads),
    method: link.by || standard.method,
    model: link.m || null,
    tab: oneOf(CIRCUIT_TABS, link.tab, standard.tab),
    focus: parseHead(link.at ?? ''),
    marks: oneOf(MARKINGS, link.marks, standard.marks),
    start: oneOf(STARTS, link.from, standard.start),
    target: whole(link.target, 0, 100, standard.target),
  }
}

export function encodeCircuit(question: CircuitQuestion): CircuitLink {
  const standard = DEFAULT_CIRCUIT
  const unless = (value: string | number, usual: string | number) =>
    value === usual ? undefined : String(value)
  const link: Record<(typeof KEYS)[number], string | undefined> = {
    task: unless(question.task, standard.task),
    n: unless(question.n, standard.n),
    seed: unless(question.seed, standard.seed),
    heads: question.heads === null ? undefined : question.heads.map(headName).join('.'),
    by: unless(question.method, standard.method),
    m: question.model ?? undefined,
    tab: unless(question.tab, standard.tab),
    at: question.focus ? headName(question.focus) : undefined,
    marks: unless(question.marks, standard.marks),
    from: unless(question.start, standard.start),
    target: unless(question.target, standard.target),
    v: undefined,
  }
  const said = Object.entries(link).filter(([, text]) => text !== undefined)
  return said.length === 0 ? {} : { ...Object.fromEntries(said), v: VERSION }
}
