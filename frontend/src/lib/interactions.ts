/** Interactions of all pairs of heads as colours of the grid, a matrix and sentences. */

import { signed } from './format'
import { headName, sameHead, type Head } from './heads'
import type { GridLayer } from './layer'
import { unitOf } from './patching'
import { METRIC_NAMES } from './scores'
import type { PatchMetric } from './patch'

/** The API's Interactions as far as they are read here, or as much of them as has come. */
export type Interactions = {
  readonly heads: readonly Head[]
  /** Δ of each head alone. */
  readonly singles: readonly number[]
  /** [head][head]: Δ of both less Δ of each; null while not known. */
  readonly interactions: readonly (readonly (number | null)[])[]
}

export type Pairs = {
  readonly pairs: readonly (readonly number[])[]
  readonly interactions: readonly number[]
}

export const withSingles = ({
  heads,
  singles,
}: Pick<Interactions, 'heads' | 'singles'>): Interactions => ({
  heads,
  singles,
  interactions: heads.map((_, i) => heads.map((_, j) => (i === j ? 0 : null))),
})

export function withPairs(
  known: Interactions | null,
  { pairs, interactions }: Pairs,
): Interactions | null {
  if (!known) return null
  const rows = known.interactions.map((row) => [...row])
  pairs.forEach(([i = 0, j = 0], at) => {
    const value = interactions[at] ?? null
    const [first, second] = [rows[i], rows[j]]
    if (first) first[j] = value
    if (second) second[i] = value
  })
  return { ...known, interactions: rows }
}

export const knownPairs = ({ interactions }: Interactions): number =>
  interactions.reduce(
    (sum, row, i) => sum + row.filter((value, j) => j > i && value !== null).length,
    0,
  )

/** One head's row, on the grid. */
export function interactionLayer(
  known: Interactions,
  head: Head,
  metric: PatchMetric,
  { nLayers, nHeads }: { nLayers: number; nHeads: number },
): GridLayer {
  const row = known.interactions[known.heads.findIndex((each) => sameHead(each, head))] ?? []
  const values = Array.from({ length: nLayers }, () =>
    Array.from({ length: nHeads }, (): number | null => null),
  )
  known.heads.forEach((other, i) => {
    const line = values[other.layer]
    if (line && !sameHead(other, head)) line[other.head] = row[i] ?? null
  })
  return {
    name: `with ${headName(head)}`,
    unit: unitOf(metric),
    format: signed,
    values,
    signed: true,
    spread: 'cube-root',
    ends: `change of the ${METRIC_NAMES[metric]} by cutting both, beyond the sum of each`,
  }
}

export type Partner = { readonly head: Head; readonly value: number }

/** The heads one interacts with most. */
export function partnersOf({ heads, interactions }: Interactions, head: Head): Partner[] {
  const row = interactions[heads.findIndex((each) => sameHead(each, head))] ?? []
  return heads
    .flatMap((other, i): Partner[] => {
      const value = row[i]
      return value == null || sameHead(other, head) ? [] : [{ head: other, value }]
    })
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
}

/** Same sign as what each does alone: each matters more once the other is gone. */
export function tellPartners(known: Interactions, head: Head, metric: string): string {
  const alone = known.singles[known.heads.findIndex((each) => sameHead(each, head))]
  const [most] = partnersOf(known, head)
  if (alone === undefined || !most) return ''
  const other = known.singles[known.heads.findIndex((each) => sameHead(each, most.head))] ?? 0
  const both = alone + other
  const verdict =
    Math.sign(most.value) === Math.sign(both)
      ? 'they back each other up: together they are missed more than one by one'
      : 'they do the same work together: the second cut finds less to take away'
  return `Cut alone, ${headName(head)} changes the ${metric} by ${signed(alone)} and ${headName(most.head)} by ${signed(other)}; both together by ${signed(both + most.value)}, ${signed(most.value)} beyond the sum. So ${verdict}.`
}
