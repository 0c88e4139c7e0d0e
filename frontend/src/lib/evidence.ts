/** What a run over a task has found, as colours of the grid, bars, points and sentences. */

import { count, number, signed } from './format'
import type { HeadMark, HeadMarks } from './headKinds'
import { headName, type Head } from './heads'
import type { GridLayer } from './layer'

type Table = readonly (readonly number[])[]

/** The API's HeadSummary as far as it is read here. */
export type Summary = {
  readonly n: number
  readonly mean: Table
  readonly standard_error: Table | null
  readonly low: Table | null
  readonly high: Table | null
  readonly same_sign: Table
  readonly adjusted_p: Table
  readonly resamples: number
  readonly permutations: number
}

/** The family-wise share of false finds that the test allows. */
export const ALPHA = 0.05

export type HeadEvidence = {
  readonly head: Head
  readonly mean: number
  /** The 95 % interval; null of a single item. */
  readonly interval: readonly [low: number, high: number] | null
  readonly sameSign: number
  readonly p: number
  /** It stands the test over all heads. */
  readonly stands: boolean
  /** Its own interval leaves zero. */
  readonly leavesZero: boolean
}

/** Every head, the largest mean first. */
export const evidenceOf = (summary: Summary): HeadEvidence[] =>
  summary.mean
    .flatMap((row, layer) =>
      row.map((mean, head): HeadEvidence => {
        const at = (table: Table | null) => table?.[layer]?.[head]
        const [low, high, p] = [at(summary.low), at(summary.high), at(summary.adjusted_p) ?? 1]
        const interval = low === undefined || high === undefined ? null : ([low, high] as const)
        return {
          head: { layer, head },
          mean,
          interval,
          sameSign: at(summary.same_sign) ?? 0,
          p,
          stands: p <= ALPHA,
          leavesZero: interval !== null && interval[0] * interval[1] > 0,
        }
      }),
    )
    .sort((a, b) => Math.abs(b.mean) - Math.abs(a.mean))

const STANDS: HeadMark = { title: 'Stands the test', shape: 'diamond', weak: false }
const LEAVES_ZERO: HeadMark = {
  title: 'Interval leaves zero',
  shape: 'diamond',
  weak: true,
  words: 'its interval leaves zero, but it does not stand the test',
}

export const EVIDENCE_MARKS = [STANDS, LEAVES_ZERO] as const

/** Marked by shape: heads that stand the test, and those whose own interval leaves zero. */
export const evidenceMarks = (heads: readonly HeadEvidence[]): HeadMarks =>
  new Map(
    heads.flatMap(({ head, stands, leavesZero }) =>
      stands || leavesZero ? [[headName(head), [stands ? STANDS : LEAVES_ZERO]] as const] : [],
    ),
  )

/** The means, as colours. */
export const meanLayer = (summary: Summary, name: string, meaning: string): GridLayer => {
  const hasSign = summary.mean.some((row) => row.some((value) => value < 0))
  return {
    name,
    unit: '',
    format: hasSign ? signed : number,
    values: summary.mean,
    signed: hasSign,
    spread: hasSign ? 'linear' : 'cube-root',
    ends: `mean over ${count(summary.n, 'item')}: ${meaning}`,
  }
}

/** “+1.23, 95 % interval +0.98 to +1.46, of the mean’s sign in 97 % of the items”. */
export function tellHead({ head, mean, interval, sameSign, stands, p }: HeadEvidence): string {
  const spread = interval && `95 % interval ${signed(interval[0])} to ${signed(interval[1])}`
  const share = `of this sign in ${Math.round(sameSign * 100)} % of the items`
  const test = stands ? `stands the test (p ${tellP(p)})` : 'does not stand the test'
  return [`${headName(head)}: mean ${signed(mean)}`, spread, share, test].filter(Boolean).join(', ')
}

const tellP = (p: number) => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`)

/** What can be said of all heads, in a sentence. */
export function tellEvidence(summary: Summary, heads: readonly HeadEvidence[]): string {
  const standing = heads.filter(({ stands }) => stands)
  const named = standing.slice(0, 4).map(({ head, mean }) => `${headName(head)} (${signed(mean)})`)
  const items = `Over ${count(summary.n, 'item')}`
  if (standing.length === 0) {
    // The least p of a test by signs is 2 in 2ⁿ, times the heads that Holm counts.
    return heads.length * 2 ** (1 - summary.n) > ALPHA
      ? `${items} no head can stand the test yet: it takes more items.`
      : `${items} no head stands the test against zero.`
  }
  const all = `${standing.length} of ${heads.length} heads`
  const more = standing.length > named.length ? ` and ${standing.length - named.length} more` : ''
  return `${items} ${all} ${standing.length === 1 ? 'stands' : 'stand'} the test against zero: ${named.join(', ')}${more}.`
}

/** How it was tested, for the small print. */
export const tellTest = ({ resamples, permutations }: Summary): string =>
  `Intervals: bootstrap, ${resamples.toLocaleString('en')} resamples of the items. Test: ${permutations.toLocaleString('en')} patterns of signs, by Holm over all heads, ${ALPHA * 100} %.`

/** “about 40 s”, “about 3 min”. */
export function tellSeconds(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s`
  return seconds < 5400
    ? `about ${Math.round(seconds / 60)} min`
    : `about ${number(seconds / 3600)} h`
}

type Progress = {
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly done: number
  readonly total: number
  readonly seconds: number
  readonly seconds_left: number | null
  readonly why: string | null
  readonly analysis?: Readonly<Record<string, unknown>>
}

/** What reads all items together, as a single piece of work. */
const TOGETHER: Readonly<Record<string, string>> = {
  circuit: 'A circuit, tested',
  circuit_search: 'A search for a circuit',
}

/** What a run of a circuit is called; undefined of one that measures heads item by item. */
export const tellTogether = (analysis: Readonly<Record<string, unknown>>): string | undefined =>
  TOGETHER[String(analysis['name'])]

export const isUnfinished = ({ state }: Pick<Progress, 'state'>): boolean =>
  state === 'queued' || state === 'running'

/** “37 of 100 items, about 40 s left.” */
export function tellRun(run: Progress): string {
  const { state, done, total, seconds, seconds_left, why } = run
  const isTogether = tellTogether(run.analysis ?? {}) !== undefined
  const items = isTogether ? 'All items together' : `${done} of ${count(total, 'item')}`
  const after = isTogether ? '' : ` after ${items}`
  switch (state) {
    case 'queued':
      return `${items}: waiting for its turn. ${why ?? ''}`.trim()
    case 'running':
      return `${items}${seconds_left === null ? '' : `, ${tellSeconds(seconds_left)} left`}. ${why ?? ''}`.trim()
    case 'done':
      return `${items}, in ${tellSeconds(seconds).replace('about ', '')}.`
    case 'failed':
      return `It failed${after}: ${why ?? 'no reason is known'}`
    case 'cancelled':
      return `Stopped${after}.`
  }
}
