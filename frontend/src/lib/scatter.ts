/** Two scores of the same heads, as points. */

import { number } from './format'
import type { Head } from './heads'
import { niceTicks } from './stats'

export type ScoreValues = readonly (readonly number[])[]
export type Point = { readonly head: Head; readonly x: number; readonly y: number }

/** One point per head both tables know. */
export const pointsOf = (x: ScoreValues, y: ScoreValues): Point[] =>
  x.flatMap((row, layer) =>
    row.flatMap((value, head) => {
      const other = y[layer]?.[head]
      return other === undefined ? [] : [{ head: { layer, head }, x: value, y: other }]
    }),
  )

export type Axis = {
  /** Where a value lies, in the units of the ticks' places. */
  readonly place: (value: number) => number
  readonly ticks: readonly { readonly place: number; readonly label: string }[]
}

const linearAxis = (values: readonly number[]): Axis => {
  const ticks = niceTicks(Math.min(0, ...values), Math.max(0, ...values), 5)
  return {
    place: (value) => value,
    ticks: ticks.map((tick) => ({ place: tick, label: number(tick) })),
  }
}

const DECADES = 3

/**
 * Symmetric logarithm: linear below a thousandth of the largest value, logarithmic above, so that
 * signs and zeros have a place. Source: Webber 2013, doi:10.1088/0957-0233/24/2/027001
 */
function symlogAxis(values: readonly number[]): Axis {
  const most = Math.max(...values.map(Math.abs), 1e-12)
  const top = 10 ** Math.ceil(Math.log10(most))
  const unit = top / 10 ** DECADES
  const place = (value: number) => Math.sign(value) * Math.log10(1 + Math.abs(value) / unit)
  const sizes = Array.from({ length: DECADES }, (_, i) => top / 10 ** i)
  const negative = values.some((value) => value < -unit / 2) ? sizes.map((size) => -size) : []
  return {
    place,
    ticks: [...negative, 0, ...sizes.reverse()].map((v) => ({ place: place(v), label: number(v) })),
  }
}

export const axisOf = (values: readonly number[], scale: 'linear' | 'log'): Axis =>
  scale === 'log' && values.length > 0 ? symlogAxis(values) : linearAxis(values)

/**
 * Heads worth naming: the largest on either axis, as long as names do not fall on each other.
 * Places are fractions of the plot; a name takes 9 % of its width and 6 % of its height.
 */
export function labelled(
  points: readonly Point[],
  place: (p: Point) => [number, number],
  count = 10,
): Head[] {
  const reach = (get: (p: Point) => number) =>
    Math.max(...points.map((p) => Math.abs(get(p))), 1e-12)
  const [mostX, mostY] = [reach((p) => p.x), reach((p) => p.y)]
  const size = (p: Point) => Math.max(Math.abs(p.x) / mostX, Math.abs(p.y) / mostY)
  const chosen: Point[] = []
  for (const point of [...points].sort((a, b) => size(b) - size(a))) {
    const [x, y] = place(point)
    const free = chosen.every((other) => {
      const [ox, oy] = place(other)
      return Math.abs(x - ox) > 0.09 || Math.abs(y - oy) > 0.06
    })
    if (free) chosen.push(point)
    if (chosen.length === count) break
  }
  return chosen.map(({ head }) => head)
}

/** What a rank correlation means, in words. */
export function tellCorrelation(rho: number | null, count: number): string {
  if (rho === null) return 'One of the scores is the same for every head: there is no correlation.'
  const words: [number, string][] = [
    [0.8, 'put the heads in nearly the same order'],
    [0.5, 'mostly agree on the order of heads'],
    [0.2, 'agree a little on the order of heads'],
    [-0.2, 'do not agree on the order of heads'],
  ]
  const verdict = words.find(([least]) => rho >= least)?.[1] ?? 'order the heads in opposite ways'
  return `Spearman’s ρ = ${rho.toFixed(2).replace('-', '−')} over ${count} heads: the two scores ${verdict}.`
}
