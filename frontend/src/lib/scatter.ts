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
  /** First and last place shown. */
  readonly domain: readonly [number, number]
  readonly ticks: readonly { readonly place: number; readonly label: string }[]
}

type Format = (value: number) => string

const linearAxis = (values: readonly number[], format: Format): Axis => {
  const ticks = niceTicks(Math.min(0, ...values), Math.max(0, ...values), 5)
  return {
    place: (value) => value,
    domain: [ticks[0] ?? 0, ticks.at(-1) ?? 1],
    ticks: ticks.map((tick) => ({ place: tick, label: format(tick) })),
  }
}

const DECADES = 4
const MOST_TICKS = 8

/** 1, 2 and 5 times the powers of ten from the largest value down, or the powers alone. */
function roundSizes(largestPower: number, inside: (size: number) => boolean): number[] {
  const powers = Array.from({ length: DECADES + 1 }, (_, i) => largestPower - i)
  const fine = powers.flatMap((power) => [5, 2, 1].map((digit) => Number(`${digit}e${power}`)))
  const coarse = powers.map((power) => Number(`1e${power}`))
  const kept = fine.filter(inside)
  return kept.length <= MOST_TICKS ? kept : coarse.filter(inside)
}

/**
 * Symmetric logarithm: linear near zero, logarithmic further out, so that signs and zeros have a
 * place; positive scores begin at their smallest.
 * Source: Webber 2013, doi:10.1088/0957-0233/24/2/027001
 */
function symlogAxis(values: readonly number[], format: Format): Axis {
  const most = Math.max(...values.map(Math.abs), 1e-12)
  const power = Math.floor(Math.log10(most))
  const unit = 10 ** (power - DECADES)
  const place = (value: number) => Math.sign(value) * Math.log10(1 + Math.abs(value) / unit)
  const room = 0.04 * place(most)
  const least = Math.min(...values)
  const low = least > 10 * unit ? place(least) - room : Math.min(0, place(least) - room)
  const domain = [low, place(Math.max(...values, 0)) + room] as const
  const inside = (value: number) => place(value) >= domain[0] && place(value) <= domain[1]
  const negative = roundSizes(power, (size) => inside(-size)).map((size) => -size)
  const zero = inside(0) ? [0] : []
  const ticks = [...negative, ...zero, ...roundSizes(power, inside).reverse()]
  return { place, domain, ticks: ticks.map((v) => ({ place: place(v), label: format(v) })) }
}

export const axisOf = (
  values: readonly number[],
  scale: 'linear' | 'log',
  format: Format = number,
): Axis =>
  scale === 'log' && values.length > 0 ? symlogAxis(values, format) : linearAxis(values, format)

/**
 * Heads worth naming: the largest on either axis, as long as names do not fall on each other.
 * Places and `room`, what a name takes, are in the same units, e.g. pixels.
 */
export function labelled(
  points: readonly Point[],
  place: (p: Point) => readonly [number, number],
  room: readonly [number, number],
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
      return Math.abs(x - ox) > room[0] || Math.abs(y - oy) > room[1]
    })
    if (free) chosen.push(point)
    if (chosen.length === count) break
  }
  return chosen.map(({ head }) => head)
}

/** What a rank correlation means, in words; `ofSizes` where a sign was left out of account. */
export function tellCorrelation(rho: number | null, count: number, ofSizes = false): string {
  if (rho === null) return 'One of the scores is the same for every head: there is no correlation.'
  const words: [number, string][] = [
    [0.8, 'put the heads in nearly the same order'],
    [0.5, 'mostly agree on the order of heads'],
    [0.2, 'agree a little on the order of heads'],
    [-0.2, 'do not agree on the order of heads'],
  ]
  const verdict = words.find(([least]) => rho >= least)?.[1] ?? 'order the heads in opposite ways'
  const what = ofSizes ? 'Spearman’s ρ of the sizes' : 'Spearman’s ρ'
  return `${what} = ${rho.toFixed(2).replace('-', '−')} over ${count} heads: the two scores ${verdict}.`
}
