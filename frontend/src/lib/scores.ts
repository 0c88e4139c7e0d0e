import type { Score } from './experiment'
import { headName, type Cut, type Head } from './heads'
import { number } from './format'

/** Scores of all heads, [layer][head]; null where not yet known. */
export type ScoreTable = {
  readonly method: Exclude<Score, 'none'>
  readonly unit: string
  readonly values: readonly (readonly (number | null)[])[]
}

export const SCORE_NAMES: Record<Exclude<Score, 'none'>, string> = {
  gradient: 'Gradient',
  attribution: 'Attribution',
  l2: 'L2',
  kl: 'KL',
}

/** Attribution tells apart help and harm; the others are sizes. */
export const isSigned = (method: ScoreTable['method']): boolean => method === 'attribution'

export const valueAt = (table: ScoreTable | null, { layer, head }: Head): number | null =>
  table?.values[layer]?.[head] ?? null

export const largest = ({ values }: ScoreTable): number =>
  values.flat().reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0)

/**
 * The root that values are coloured by: a few heads tower over the rest, and the rest should show
 * too. Measured and estimated effects spread wider than norms do.
 */
export const rootOf = (method: ScoreTable['method']): 2 | 3 =>
  method === 'kl' || method === 'attribution' ? 3 : 2

/** A value's place on the scale, −1 to 1. */
export const fraction = (value: number, most: number, root: 2 | 3): number =>
  most === 0 ? 0 : Math.sign(value) * Math.min(1, Math.abs(value) / most) ** (1 / root)

/** What a screen reader says of a cell: "Layer 9 head 6, KL 0.42, ablated by zero". */
export function cellName(head: Head, table: ScoreTable | null, cut: Cut | undefined): string {
  const value = valueAt(table, head)
  return [
    `Layer ${head.layer} head ${head.head}`,
    table && value !== null && `${SCORE_NAMES[table.method]} ${number(value)}`,
    cut && `ablated by ${cut.method}`,
  ]
    .filter(Boolean)
    .join(', ')
}

/** What the line under the grid says of a cell. */
export function readout(head: Head, table: ScoreTable | null, cut: Cut | undefined): string {
  const value = valueAt(table, head)
  return [
    headName(head),
    table && value !== null && `${SCORE_NAMES[table.method]} ${number(value)} ${table.unit}`.trim(),
    cut ? `cut by ${cut.method}` : 'intact',
  ]
    .filter(Boolean)
    .join(' · ')
}
