/** The answers of activation patching as colours, bars and sentences. */

import { count, number, percent } from './format'
import { headName, type Head } from './heads'
import type { GridLayer } from './layer'
import { METRIC_NAMES } from './scores'
import type { Component, Direction, PatchMetric } from './patch'

/** The metric after each patch as far as it is known; its two ends are those of the whole runs. */
export type Patched = {
  readonly clean: number
  readonly corrupt: number
  /** [layer][head][position]; one head where a whole layer is patched, one position where all are. */
  readonly cells: readonly (readonly (readonly (number | null)[])[])[]
}

export type Asked = {
  readonly component: Component
  readonly direction: Direction
  readonly metric: PatchMetric
}

/** The API's answers have an axis for what was asked one by one. */
type Values = readonly (number | readonly (number | readonly number[])[])[]

/** An answer in the one shape of `Patched`. */
export function cellsOf(values: Values, ofHeads: boolean): (number | null)[][][] {
  const list = (value: number | readonly number[]) =>
    typeof value === 'number' ? [value] : [...value]
  return values.map((layer) =>
    typeof layer === 'number'
      ? [[layer]]
      : ofHeads
        ? layer.map(list)
        : [layer.map((value) => (typeof value === 'number' ? value : (value[0] ?? 0)))],
  )
}

/** An answer of chosen heads by position, where they stand among all. */
export function cellsOfHeads(
  values: readonly (readonly number[])[],
  heads: readonly Head[],
): Patched['cells'] {
  const cells: number[][][] = []
  heads.forEach(({ layer, head }, row) => {
    const ofLayer = (cells[layer] ??= [])
    ofLayer[head] = [...(values[row] ?? [])]
  })
  return cells
}

export type Progress = {
  readonly clean: number
  readonly corrupt: number
  readonly layers: readonly number[]
  readonly position: number | null
  /** [layer of `layers`][head] */
  readonly values: readonly (readonly number[])[]
}

/** What is known after one more event. */
export function withProgress(known: Patched | null, event: Progress): Patched {
  const cells = Array.from(known?.cells ?? [], (layer) => layer ?? [])
  event.layers.forEach((layer, i) => {
    const heads = [...(cells[layer] ?? [])]
    event.values[i]?.forEach((value, head) => {
      const positions = [...(heads[head] ?? [])]
      positions[event.position ?? 0] = value
      heads[head] = positions
    })
    cells[layer] = heads
  })
  return { clean: event.clean, corrupt: event.corrupt, cells }
}

/** Closer ends than this are told apart by rounding alone: then changes are shown, no shares. */
const CLOSEST = 1e-3

export const hasShares = ({ clean, corrupt }: Patched): boolean =>
  Math.abs(clean - corrupt) >= CLOSEST

/** What a patch does: 0 nothing; as a share of the difference between the runs where there is one. */
export function effectIn(patched: Patched, direction: Direction) {
  const { clean, corrupt } = patched
  const base = direction === 'denoise' ? corrupt : clean
  const scale = hasShares(patched)
    ? direction === 'denoise'
      ? clean - corrupt
      : corrupt - clean
    : 1
  // A zero has no sign.
  return (value: number) => (value - base) / scale + 0
}

const known = (patched: Patched, direction: Direction) => {
  const effect = effectIn(patched, direction)
  return (value: number | null | undefined) =>
    value === null || value === undefined ? null : effect(value)
}

/** “61 %”, with its sign where it is negative; less than a hundredth of a per cent has none. */
export const share = (value: number): string =>
  value <= -1e-4 ? `−${percent(-value)}` : percent(Math.abs(value))

/** “share of the logit difference restored”, or what else the numbers are. */
export function effectWords({ direction, metric }: Asked, patched: Patched): string {
  const what = METRIC_NAMES[metric]
  if (!hasShares(patched)) return `change of the ${what}`
  return `share of the ${what} ${direction === 'denoise' ? 'restored' : 'destroyed'}`
}

const UNITS: Record<PatchMetric, string> = {
  logit_difference: 'logits',
  probability: '',
  log_probability: 'nats',
  probability_difference: '',
  loss: 'nats',
}

export const unitOf = (metric: PatchMetric): string => UNITS[metric]

/** How an effect is read: a share in per cent, or a change in the metric's unit. */
export const effectFormat = (patched: Patched) => (hasShares(patched) ? share : number)

/** All heads, patched at all positions together. */
export function patchLayer(asked: Asked, patched: Patched): GridLayer {
  const effect = known(patched, asked.direction)
  const shares = hasShares(patched)
  const verb = asked.direction === 'denoise' ? 'restores' : 'destroys'
  return {
    name: shares ? verb : `changes the ${METRIC_NAMES[asked.metric]} by`,
    unit: shares ? '' : unitOf(asked.metric),
    format: effectFormat(patched),
    values: Array.from(patched.cells, (heads) =>
      Array.from(heads ?? [], (positions) => effect(positions?.[0])),
    ),
    signed: true,
    spread: 'linear',
    ends: effectWords(asked, patched),
  }
}

/** Of one head, or of every layer: [row][position]. */
export const effectsAt = (
  asked: Asked,
  { cells, ...ends }: Patched,
  head: Head | null,
): (number | null)[][] => {
  const effect = known({ cells, ...ends }, asked.direction)
  const rows = head ? [cells[head.layer]?.[head.head]] : Array.from(cells, (layer) => layer?.[0])
  return rows.map((row) => Array.from(row ?? [], effect))
}

export type Effect = {
  readonly name: string
  readonly layer: number
  readonly head: Head | null
  readonly value: number
}

/** Heads, or layers, by how much they do, the largest first. */
export function ranked(asked: Asked, patched: Patched, ofHeads: boolean): Effect[] {
  const effect = known(patched, asked.direction)
  return patched.cells
    .flatMap((heads, layer) =>
      Array.from(heads ?? [], (positions, head): Effect | null => {
        const value = effect(positions?.[0])
        const site = { layer, head }
        return value === null
          ? null
          : {
              name: ofHeads ? headName(site) : `layer ${layer}`,
              layer,
              head: ofHeads ? site : null,
              value,
            }
      }),
    )
    .filter((each) => each !== null)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
}

/** “The logit difference is 3.21 in the clean run and −2.90 in the corrupt one.” */
export function tellEnds({ metric }: Asked, { clean, corrupt }: Patched): string {
  const unit = unitOf(metric) && ` ${unitOf(metric)}`
  return `The ${METRIC_NAMES[metric]} is ${number(clean)}${unit} in the clean run and ${number(corrupt)} in the corrupt one.`
}

/** “Alone, L6H6 restores 61 %, L5H9 32 % and L4H10 20 %.” */
export function tellTop(asked: Asked, patched: Patched, effects: readonly Effect[]): string {
  const format = effectFormat(patched)
  if (asked.component === 'resid_pre') {
    return 'The running sum holds everything: at all positions at once it carries all of it before any layer. Where it does, the map says.'
  }
  const [first, ...next] = effects.slice(0, 3)
  if (!first || Math.abs(first.value) < 5e-4) return 'Nothing that is patched alone moves it.'
  const verb = asked.direction === 'denoise' ? 'restores' : 'destroys'
  const rest = next.map(({ name, value }) => `, ${name} ${format(value)}`).join('')
  return hasShares(patched)
    ? `Alone, ${first.name} ${verb} ${format(first.value)}${rest}.`
    : `Alone, ${first.name} moves it by ${format(first.value)}${rest}.`
}

type Compared = {
  readonly clean: number
  readonly corrupt: number
  readonly estimate: {
    readonly worst: { readonly layer: number; readonly head: number | null }
    readonly worst_error: number
    readonly rank_correlation: number | null
  } | null
}

/** “The estimate is furthest off at L0H0, by 12 % too much.” */
export function tellWorst(asked: Asked, { clean, corrupt, estimate }: Compared): string {
  if (!estimate) return ''
  const { worst, worst_error } = estimate
  const patched: Patched = { clean, corrupt, cells: [] }
  const effect = effectIn(patched, asked.direction)
  const off = effect(worst_error) - effect(0)
  const words = off < 0 ? 'too little' : 'too much'
  const where = worst.head === null ? `layer ${worst.layer}` : headName(worst)
  return `It is furthest off at ${where}: ${effectFormat(patched)(Math.abs(off))} ${words}.`
}

/** “Spearman’s ρ with the exact numbers: 0.98.” */
export function tellRanks({ estimate }: Pick<Compared, 'estimate'>): string {
  const rho = estimate?.rank_correlation ?? null
  return rho === null
    ? ''
    : `Spearman’s ρ with the exact numbers is ${rho.toFixed(2).replace('-', '−')}.`
}

/** In the order of the model, as layers are read. */
export const byLayer = (effects: readonly Effect[]): Effect[] =>
  [...effects].sort((a, b) => a.layer - b.layer)

/** Products of a parameter and a token that a laptop makes in a fraction of a second. */
const CHEAP = 2e10

type Taken = {
  readonly passes: { readonly computed: number }
  readonly prompt_tokens: readonly unknown[]
}

/** Whether as much again may be asked for before anybody wants it. */
export const isCheap = (
  { passes, prompt_tokens: tokens }: Taken,
  model: { readonly n_parameters?: number | null } | null,
): boolean => passes.computed * tokens.length * (model?.n_parameters ?? Infinity) < CHEAP

type Passes = { readonly computed: number; readonly naive: number }

/** What exactness took. */
export const tellPasses = ({ computed, naive }: Passes): string =>
  `Exact, for the work of ${count(Math.max(1, Math.round(computed)), 'forward pass', 'forward passes')}; with one hooked pass for each number it takes ${naive}.`
