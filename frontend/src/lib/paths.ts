/** Path patching as colours of the grid, bars and sentences. */

import { number } from './format'
import { headName, sameHead, type Head } from './heads'
import type { GridLayer } from './layer'
import { share, unitOf } from './patching'
import { METRIC_NAMES } from './scores'
import type { Flow, Input, PatchMetric } from './patch'

/** A head's input, as the API names it: L9H6q. */
export type Receiver = Head & { readonly input: Input }

/** The API's Paths as far as they are read here, or as much of them as has come. */
export type Paths = {
  readonly clean: number
  readonly corrupt: number
  readonly senders: readonly Head[]
  readonly receivers: readonly (Receiver | 'logits')[]
  /** [receiver][sender]: the metric with the path patched, less the clean one; null while not known. */
  readonly effects: readonly (readonly number[] | null)[]
}

export type PathsProgress = {
  readonly clean: number
  readonly corrupt: number
  readonly rows: readonly number[]
  readonly effects: readonly (readonly number[])[]
}

/** Rows of effects as they come, by their places. */
export type PathsSoFar = Pick<Paths, 'clean' | 'corrupt' | 'effects'>

export function withPaths(known: PathsSoFar | null, event: PathsProgress): PathsSoFar {
  const effects = Array.from(known?.effects ?? [], (row) => row ?? null)
  event.rows.forEach((row, i) => (effects[row] = event.effects[i] ?? null))
  return {
    clean: event.clean,
    corrupt: event.corrupt,
    effects: Array.from(effects, (row) => row ?? null),
  }
}

/** Closer ends are told apart by rounding alone. */
const CLOSEST = 1e-3

const hasShares = ({ clean, corrupt }: Pick<Paths, 'clean' | 'corrupt'>) =>
  Math.abs(clean - corrupt) >= CLOSEST

/** The share of the difference that a path carries, or where there is none the change itself. */
const carried = (paths: Pick<Paths, 'clean' | 'corrupt'>) => (effect: number) =>
  (hasShares(paths) ? -effect / (paths.clean - paths.corrupt) : effect) + 0

export type Path = {
  readonly from: Head
  readonly to: Receiver | 'logits'
  readonly value: number
}

/** Every path that is known, those that carry most first. */
export function pathsOf(paths: Paths): Path[] {
  const value = carried(paths)
  return paths.receivers
    .flatMap((to, row) =>
      paths.senders.flatMap((from, column): Path[] => {
        const effect = paths.effects[row]?.[column]
        const isPath = to === 'logits' || from.layer < to.layer
        return effect === undefined || !isPath ? [] : [{ from, to, value: value(effect) }]
      }),
    )
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
}

export const receiverName = (to: Receiver | 'logits'): string =>
  to === 'logits' ? 'logits' : `${headName(to)} ${to.input}`

const formatOf = (paths: Paths) => (hasShares(paths) ? share : number)

export const pathFormat = formatOf

/** The heads at the other end of a head's paths. */
export function pathLayer(
  paths: Paths,
  head: Head,
  input: Input,
  flow: Flow,
  metric: PatchMetric,
  { nLayers, nHeads }: { nLayers: number; nHeads: number },
): GridLayer {
  const values = Array.from({ length: nLayers }, () =>
    Array.from({ length: nHeads }, (): number | null => null),
  )
  for (const { from, to, value } of pathsOf(paths)) {
    if (to === 'logits' || to.input !== input) continue
    const other =
      flow === 'into' ? (sameHead(to, head) ? from : null) : sameHead(from, head) ? to : null
    const row = other && values[other.layer]
    if (other && row) row[other.head] = value
  }
  return {
    name: 'carries',
    unit: hasShares(paths) ? '' : unitOf(metric),
    format: formatOf(paths),
    values,
    signed: true,
    spread: 'linear',
    ends: hasShares(paths)
      ? `share of the ${METRIC_NAMES[metric]} by the path ${flow === 'into' ? `to ${input} of ${headName(head)}` : `from ${headName(head)} to ${input}`}`
      : `change of the ${METRIC_NAMES[metric]} by the path`,
  }
}

/** “L0H1 feeds q of L6H6 most: that path carries 12 % of the logit difference.” */
export function tellPaths(paths: Paths, head: Head, flow: Flow, metric: PatchMetric): string {
  const format = formatOf(paths)
  const all = pathsOf(paths)
  const of = hasShares(paths) ? ` of the ${METRIC_NAMES[metric]}` : ''
  const direct = all.find(({ to }) => to === 'logits')
  const [most] = all.filter(({ to }) => to !== 'logits')
  if (flow === 'into') {
    return most && most.to !== 'logits'
      ? `${headName(most.from)} feeds the ${most.to.input} of ${headName(head)} most: that path carries ${format(most.value)}${of}.`
      : 'Nothing is known to feed it yet.'
  }
  const straight = direct
    ? `Straight to the logits ${headName(head)} carries ${format(direct.value)}${of}`
    : ''
  const onward = most
    ? `its strongest other path, to ${receiverName(most.to)}, ${format(most.value)}`
    : 'it feeds no other head'
  return straight ? `${straight}; ${onward}.` : ''
}
