/** A circuit's measures as gauges, colours of the grid and sentences. */

import { ordered } from './circuitLink'
import { count, percent, signed } from './format'
import type { HeadMark, HeadMarks } from './headKinds'
import { headName, sameHead, type GridShape, type Head } from './heads'
import type { GridLayer } from './layer'

/** The API's measures as far as they are read here. */
export type TaskMean = {
  readonly mean: number
  readonly standard_error: number | null
  readonly items: readonly number[]
}
export type Band = {
  readonly mean: number
  readonly low: number
  readonly high: number
  readonly values: readonly number[]
}
/** The bootstrap's 95 % interval over the items; null of one item. */
export type Interval = { readonly low: number; readonly high: number } | null
export type Faithfulness = {
  readonly whole: TaskMean
  readonly empty: TaskMean
  readonly circuit: TaskMean
  readonly ratio: number | null
  readonly ratio_interval: Interval
  readonly gap: number
  readonly normalized: number | null
  readonly random: Band | null
}
export type Removed = {
  readonly kind: 'class' | 'random' | 'greedy'
  readonly name: string
  readonly heads: readonly Head[]
  readonly circuit: number
  readonly whole: number
  readonly gap: number
  readonly interval: Interval
}
export type Completeness = {
  readonly worst: number
  readonly removed: readonly Removed[]
  readonly random: Band | null
}
export type Needed = {
  readonly head: Head
  readonly effect: number
  readonly interval: Interval
  readonly value: number
  readonly without: readonly Head[]
}
export type Minimality = {
  readonly heads: readonly Needed[]
  readonly superfluous: readonly Head[]
  readonly random: Band | null
}

export const sameCircuit = (a: readonly Head[], b: readonly Head[]): boolean =>
  a.length === b.length && a.every((head) => b.some((other) => sameHead(head, other)))

/** All of them in, unless all are in already: then all out. */
export const toggled = (circuit: readonly Head[], heads: readonly Head[]): Head[] => {
  const has = (head: Head) => circuit.some((other) => sameHead(head, other))
  return heads.every(has)
    ? circuit.filter((head) => !heads.some((other) => sameHead(head, other)))
    : ordered([...circuit, ...heads])
}

/** The share of the whole model's metric, e.g. “94 %”, “0.4 %”. */
export const tellShare = (value: number): string =>
  `${Number((value * 100).toFixed(Math.abs(value) < 0.095 ? 1 : 0))} %`.replace('-', '−')

/** A scale that a measure stands on, beside random circuits; shares of |F(M)|. */
export type Measured = {
  /** What stands in large letters. */
  readonly headline: string
  /** The circuit's own values: one, or one of each head. */
  readonly values: readonly number[]
  readonly interval: readonly [low: number, high: number] | null
  /** Null where no random circuit is known. */
  readonly random: Band | null
  /** What to compare with. */
  readonly marks: readonly { readonly at: number; readonly label: string }[]
  readonly text: string
}

/** The interval of a share: of a number divided by another that is known. */
const shareOf = (interval: Interval, by = 1): Measured['interval'] =>
  interval && [interval.low / by, interval.high / by]

/** “95 % interval 80 % to 104 %” after other words; nothing of a single item. */
const tellSpread = (interval: Measured['interval'], before: string): string =>
  interval ? `${before}95 % interval ${interval.map(tellShare).join(' to ')}` : ''

/** “−0.31 to −0.12”; nothing of a single item. */
export const tellInterval = (interval: Interval, format: (value: number) => string): string =>
  interval ? `${format(interval.low)} to ${format(interval.high)}` : ''

const scaled = (band: Band | null, by: number): Band | null =>
  band && {
    mean: band.mean / by,
    low: Math.min(band.low / by, band.high / by),
    high: Math.max(band.low / by, band.high / by),
    values: band.values.map((value) => value / by),
  }

/** What chance does, in words. */
const rivals = (band: Band | null, what = 'random circuit'): string =>
  band === null
    ? ''
    : ` ${count(band.values.length, what)} of this size: ${tellShare(band.low)} to ${tellShare(band.high)}.`

export function faithfulnessGauge(found: Faithfulness, unit: string): Measured {
  const { whole, circuit, ratio, random } = found
  const interval = shareOf(found.ratio_interval)
  const spread = tellSpread(interval, ', ')
  const items = count(circuit.items.length, 'item')
  return {
    headline: ratio === null ? '–' : tellShare(ratio),
    values: ratio === null ? [] : [ratio],
    interval,
    random: ratio === null ? null : scaled(random, whole.mean),
    marks: [{ at: 1, label: 'whole model' }],
    text: `${signed(circuit.mean)} of ${signed(whole.mean)} ${unit} over ${items}${spread}.${ratio === null ? '' : rivals(scaled(random, whole.mean))}`,
  }
}

const scaleOf = (whole: number) => Math.abs(whole) || 1

export function completenessGauge(found: Completeness, whole: number): Measured {
  const by = scaleOf(whole)
  const [worst] = found.removed
  const random = scaled(found.random, by)
  const interval = shareOf(worst?.interval ?? null, by)
  return {
    headline: tellShare(found.worst / by),
    values: [found.worst / by],
    interval,
    random,
    marks: [{ at: 0, label: 'like the model' }],
    text: `${worst ? `Furthest apart without ${tellHeads(worst.heads)}: the circuit does ${signed(worst.circuit)}, the whole model ${signed(worst.whole)}${tellSpread(interval, '; gap’s ')}.` : 'Nothing was taken out.'}${rivals(random)}`,
  }
}

/** Below this share of |F(M)| a head is superfluous, as the server has it. */
const SUPERFLUOUS = 0.01

export function minimalityGauge(found: Minimality, whole: number): Measured {
  const by = scaleOf(whole)
  const random = scaled(found.random, by)
  const { heads, superfluous } = found
  const needed = heads.length - superfluous.length
  return {
    headline: `${needed} of ${heads.length}`,
    values: heads.map(({ value }) => value / by),
    interval: null,
    random,
    marks: [{ at: SUPERFLUOUS, label: '1 %' }],
    text: `${superfluous.length === 0 ? 'Each head adds 1 % or more.' : `${superfluous.length === 1 ? 'One adds' : `${superfluous.length} add`} less than 1 %: ${tellHeads(superfluous)}.`}${random === null ? '' : ` A head of ${rivals(random).trimStart()}`}`,
  }
}

/** The first few by name. */
export function tellHeads(heads: readonly Head[], most = 5): string {
  const names = heads.slice(0, most).map(headName).join(', ')
  return heads.length > most ? `${names} and ${heads.length - most} more` : names || 'no head'
}

/** So many that were named just before. */
export const tellThese = (n: number): string => (n === 1 ? 'it' : n === 2 ? 'both' : `all ${n}`)

/** What each head of the circuit adds, as colours of the grid; the others have no number. */
export function effectLayer(
  { heads }: Minimality,
  unit: string,
  { nLayers, nHeads }: GridShape,
): GridLayer {
  const values: (number | null)[][] = Array.from({ length: nLayers }, () =>
    new Array<number | null>(nHeads).fill(null),
  )
  for (const { head, effect } of heads) {
    const row = values[head.layer]
    if (row && head.head < nHeads) row[head.head] = -effect
  }
  return {
    name: 'adds',
    unit,
    format: signed,
    values,
    signed: true,
    spread: 'cube-root',
    ends: '− against the task · for it +',
    notes: ['what the circuit loses without the head'],
  }
}

const SPARE: HeadMark = { title: 'Superfluous', shape: 'circle', weak: true }

export const spareMarks = (heads: readonly Head[]): HeadMarks =>
  new Map(heads.map((head) => [headName(head), [SPARE]] as const))

/** Both are marked. */
export function joinMarks(a: HeadMarks | null, b: HeadMarks | null): HeadMarks | null {
  if (!a || !b) return a ?? b
  const names = new Set([...a.keys(), ...b.keys()])
  return new Map(
    [...names].map((name) => [name, [...(a.get(name) ?? []), ...(b.get(name) ?? [])]] as const),
  )
}

/** What the first look at a circuit says, in a sentence. */
export function tellCircuit(size: number, nAll: number): string {
  return `${count(size, 'head')} of ${nAll} (${percent(size / nAll)})`
}
