/** A logit difference as a sum that grows part by part, from the embedding to the end. */

import { number, signed } from './format'
import { headName, type Head } from './heads'
import type { GridLayer } from './layer'

/** The API's DirectAttribution as far as it is read here; in logits. */
export type Attribution = {
  /** [layer][head] */
  readonly heads: readonly (readonly number[])[]
  /** [layer], with its bias b_out. */
  readonly mlps: readonly number[]
  readonly embedding: { readonly token: number; readonly position: number }
  readonly bias: {
    /** [layer], b_O. */
    readonly attention: readonly number[]
    readonly final_norm: number
    readonly unembedding: number
  }
  readonly total: number
}

export type Step = {
  readonly id: string
  /** On the axis. */
  readonly label: string
  /** In words. */
  readonly name: string
  readonly value: number
  /** The sum before it and after it. */
  readonly from: number
  readonly to: number
  /** The layer whose heads it sums. */
  readonly layer: number | null
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** Embedding, then each layer's heads and its MLP, then the last LayerNorm's bias; they end at the total. */
export function waterfall({ heads, mlps, embedding, bias }: Attribution): Step[] {
  const parts = [
    part(
      'embedding',
      'emb',
      'Embedding of token and position',
      embedding.token + embedding.position,
    ),
    ...heads.flatMap((row, layer) => [
      part(
        `heads ${layer}`,
        `A${layer}`,
        `Heads of layer ${layer}`,
        sum(row) + (bias.attention[layer] ?? 0),
        layer,
      ),
      part(`mlp ${layer}`, `M${layer}`, `MLP of layer ${layer}`, mlps[layer] ?? 0),
    ]),
    part('bias', 'bias', 'Bias of the last LayerNorm', bias.final_norm + bias.unembedding),
  ]
  let reached = 0
  return parts.map((each) => ({ ...each, from: reached, to: (reached += each.value) }))
}

const part = (
  id: string,
  label: string,
  name: string,
  value: number,
  layer: number | null = null,
) => ({
  id,
  label,
  name,
  value,
  layer,
})

/** “Heads of layer 6 add +1.86: −0.20 before, 1.66 after.” */
export const tellStep = ({ name, value, from, to }: Step): string =>
  `${name}: ${signed(value)} logits, from ${number(from)} to ${number(to)}.`

export type Share = { readonly name: string; readonly head: Head | null; readonly value: number }

/** What a layer's bar is the sum of: its heads and what no head owns, the largest first. */
export function sharesOf({ heads, bias }: Attribution, layer: number): Share[] {
  const shares = (heads[layer] ?? []).map((value, head): Share => ({
    name: headName({ layer, head }),
    head: { layer, head },
    value,
  }))
  const rest: Share = { name: 'bias b_O', head: null, value: bias.attention[layer] ?? 0 }
  return [...shares, rest].sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
}

/** “It grows most by L6H6 (+1.78), …; most against it work …” */
export function tellAttribution(
  { heads, total }: Attribution,
  answer: string,
  foil: string,
): string {
  const all = heads
    .flatMap((row, layer) => row.map((value, head) => ({ name: headName({ layer, head }), value })))
    .sort((a, b) => b.value - a.value)
  const list = (some: typeof all) =>
    some.map(({ name, value }) => `${name} (${signed(value)})`).join(', ')
  const against = all
    .filter(({ value }) => value < 0)
    .slice(-2)
    .reverse()
  const most = `logit(${answer}) − logit(${foil}) = ${number(total)}. Most for it write ${list(all.slice(0, 3))}`
  return against.length > 0 ? `${most}; most against it ${list(against)}.` : `${most}.`
}

/** Heads and MLPs by what each adds by itself. */
export const attributionLayer = ({ heads, mlps }: Attribution): GridLayer => ({
  name: 'adds',
  unit: 'logits',
  format: signed,
  values: heads,
  mlps,
  signed: true,
  spread: 'linear',
  ends: 'direct share of the logit difference, − for the foil · for the answer +',
})
