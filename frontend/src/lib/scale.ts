/** Where a score stands on the scale of its colours. */

import { isSigned, largest, type ScoreTable } from './scores'

export type ScoreScale = {
  /** −1 to 1 for signed scores, 0 to 1 for sizes. */
  readonly place: (value: number) => number
  readonly signed: boolean
  /** Values of the left end, the middle and the right end. */
  readonly ticks: readonly [number, number, number]
  /** How values become places, in words. */
  readonly words: string
}

/** A few heads tower over the rest, and the rest should show too. */
function cubeRoot(table: ScoreTable): ScoreScale {
  const most = largest(table)
  const signed = isSigned(table)
  return {
    place: (value) =>
      most === 0 ? 0 : Math.sign(value) * Math.min(1, Math.abs(value) / most) ** (1 / 3),
    signed,
    ticks: signed ? [-most, 0, most] : [0, most / 8, most],
    words: 'cube-root scale',
  }
}

/** Norms lie close together: their order spreads over all colours where their size would not. */
function byRank(table: ScoreTable): ScoreScale {
  const sorted = table.values
    .flat()
    .filter((value) => value !== null)
    .sort((a, b) => a - b)
  const last = sorted.length - 1
  const at = (share: number) => sorted[Math.round(share * last)] ?? 0
  const rank = new Map(sorted.map((value, index) => [value, index]))
  return {
    place: (value) => (last <= 0 ? 0 : (rank.get(value) ?? 0) / last),
    signed: false,
    ticks: [at(0), at(0.5), at(1)],
    words: 'coloured by rank',
  }
}

export const scaleOf = (table: ScoreTable): ScoreScale =>
  table.method === 'ablation' || table.method === 'attribution' ? cubeRoot(table) : byRank(table)
