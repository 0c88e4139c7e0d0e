/** The cells of the layers × positions table. */

import { onDiverging, onSequential, type Shade } from './color'
import { percent, visible } from './format'
import { tokenText, topOf, type Lens, type LensRun } from './lens'

export type LensView = 'control' | 'ablated' | 'difference'

export type LensCell = {
  readonly text: string
  readonly shade: Shade
  /** The runs' first choices differ here. */
  readonly differs: boolean
  /** Its numbers in words, for screen readers. */
  readonly label: string
}

/** Tint of a change of probability: full at ±50 points, and small changes still show. */
const changeFraction = (change: number): number =>
  Math.sign(change) * Math.min(1, Math.sqrt(Math.abs(change) * 2))

/** One cell: text, shade and words. */
export function cellOf(lens: Lens, view: LensView, layer: number, column: number): LensCell {
  const [control, ablated] = [lens.control, lens.ablated].map((run) =>
    topOf(run, layer, column),
  ) as [ReturnType<typeof topOf>, ReturnType<typeof topOf>]
  const differs = control.id !== ablated.id
  if (view !== 'difference') {
    const { id, prob } = view === 'control' ? control : ablated
    const text = visible(tokenText(lens, id))
    return { text, shade: onSequential(prob), differs, label: `${text}, ${percent(prob)}` }
  }
  const target = (run: LensRun) => run.target_prob[layer]?.[column] ?? 0
  const change = target(lens.ablated) - target(lens.control)
  const text = differs ? visible(tokenText(lens, ablated.id)) : '·'
  const points = `${change >= 0 ? 'up' : 'down'} ${percent(Math.abs(change))}`
  const first = differs
    ? `first choice ${visible(tokenText(lens, control.id))} becomes ${text}`
    : 'same first choice'
  return { text, shade: onDiverging(changeFraction(change)), differs, label: `${first}, ${points}` }
}

const choices = (lens: Lens, run: LensRun, layer: number, column: number, count: number) =>
  (run.top_ids[layer]?.[column] ?? [])
    .slice(0, count)
    .map(
      (id, k) =>
        `${visible(tokenText(lens, id))} ${percent(run.top_probs[layer]?.[column]?.[k] ?? 0)}`,
    )
    .join(', ')

/** The likeliest tokens of both runs at one cell. */
export function readCell(lens: Lens, layer: number, column: number, count = 3): string {
  const [control, ablated] = [lens.control, lens.ablated].map((run) =>
    choices(lens, run, layer, column, count),
  )
  return control === ablated
    ? `${control} in both runs.`
    : `control ${control}; ablated ${ablated}.`
}
