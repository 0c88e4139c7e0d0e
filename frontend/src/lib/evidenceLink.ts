/*
 * The Evidence view as a query a person can read: ?task=ioi&with={"order":"abba"}&n=100&of=ablation&run=…&at=L6H6. What has
 * its default value is left out; what cannot be read falls back to the default.
 */

import { MARKINGS, type Marking } from './headKinds'
import { headName, parseHead, type Head } from './heads'
import { first, type Query } from './query'
import { parseParameters, type Parameters } from './taskParameters'

export const MEASURES = [
  'ablation',
  'z',
  'q',
  'k',
  'v',
  'pattern',
  'attribution',
  'repair',
  'gradient',
  'estimate',
  'norm',
  'previous',
  'duplicate',
  'induction',
  'search',
] as const
/** What is measured of every head on each item. */
export type MeasureId = (typeof MEASURES)[number]

export const EVIDENCE_TABS = ['heads', 'items', 'compare'] as const
export type EvidenceTab = (typeof EVIDENCE_TABS)[number]

export type EvidenceQuestion = {
  readonly task: string | null
  /** Of the task, where they are not its defaults. */
  readonly parameters: Parameters
  readonly n: number
  readonly seed: number
  readonly measure: MeasureId
  readonly model: string | null
  /** The run shown, and the one it is held against. */
  readonly run: string | null
  readonly against: string | null
  readonly tab: EvidenceTab
  readonly focus: Head | null
  /** Kinds of heads that are marked beside what stands the test. */
  readonly marks: Marking
}

const KEYS = [
  'task',
  'with',
  'n',
  'seed',
  'of',
  'm',
  'run',
  'against',
  'tab',
  'at',
  'marks',
] as const

/** What a link says, as it is written: the address's typed search parameters. */
export type EvidenceLink = Readonly<Partial<Record<(typeof KEYS)[number], string>>>

export const readEvidenceLink = (query: Query): EvidenceLink =>
  Object.fromEntries(
    KEYS.flatMap((key) => {
      const text = first(query, key)
      return text === undefined ? [] : [[key, text] as const]
    }),
  )

const DEFAULT = { n: 100, seed: 0, measure: 'ablation', tab: 'heads', marks: 'none' } as const

function whole(text: string | undefined, least: number, most: number, standard: number): number {
  const value = Number(text)
  return text && Number.isSafeInteger(value) && value >= least && value <= most ? value : standard
}

export const MOST_ITEMS = 10_000

export const decodeEvidence = (link: EvidenceLink): EvidenceQuestion => ({
  task: link.task || null,
  parameters: parseParameters(link.with),
  n: whole(link.n, 1, MOST_ITEMS, DEFAULT.n),
  seed: whole(link.seed, 0, Number.MAX_SAFE_INTEGER, DEFAULT.seed),
  measure: MEASURES.find((each) => each === link.of) ?? DEFAULT.measure,
  model: link.m || null,
  run: link.run || null,
  against: link.against || null,
  tab: EVIDENCE_TABS.find((each) => each === link.tab) ?? DEFAULT.tab,
  focus: parseHead(link.at ?? ''),
  marks: MARKINGS.find((each) => each === link.marks) ?? DEFAULT.marks,
})

export function encodeEvidence(question: EvidenceQuestion): EvidenceLink {
  const unless = (value: string | number, usual: string | number) =>
    value === usual ? undefined : String(value)
  const link: Record<(typeof KEYS)[number], string | undefined> = {
    task: question.task ?? undefined,
    with: unless(JSON.stringify(question.parameters), '{}'),
    n: unless(question.n, DEFAULT.n),
    seed: unless(question.seed, DEFAULT.seed),
    of: unless(question.measure, DEFAULT.measure),
    m: question.model ?? undefined,
    run: question.run ?? undefined,
    against: question.against ?? undefined,
    tab: unless(question.tab, DEFAULT.tab),
    at: question.focus ? headName(question.focus) : undefined,
    marks: unless(question.marks, DEFAULT.marks),
  }
  return Object.fromEntries(Object.entries(link).filter(([, text]) => text !== undefined))
}
