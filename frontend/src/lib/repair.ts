/** Self-repair as colours of the grid, bars and sentences; all in logits. */

import { signed } from './format'
import { headName, type Head } from './heads'
import type { GridLayer } from './layer'

type Table = readonly (readonly number[])[]

/** The API's SelfRepair as far as it is read here. */
export type Repair = {
  readonly total: Table
  readonly direct: Table
  readonly repaired: Table
  readonly layer_norm: Table
  /** [cut layer][cut head][later layer][later head] */
  readonly heads: readonly (readonly Table[])[]
  /** [cut layer][cut head][later layer] */
  readonly mlps: readonly Table[]
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** What the change of one cut is the sum of; the LayerNorm's part is always among them. */
export function partsOf(repair: Repair, { layer, head }: Head) {
  const at = (table: Table) => table[layer]?.[head] ?? 0
  return {
    direct: at(repair.direct),
    heads: sum((repair.heads[layer]?.[head] ?? []).flat()),
    mlps: sum(repair.mlps[layer]?.[head] ?? []),
    layerNorm: at(repair.layer_norm),
    total: at(repair.total),
  }
}

/** Who moved after one cut; without a head, how much is repaired after each. */
export function repairLayer(repair: Repair, head: Head | null): GridLayer {
  const common = { unit: 'logits', format: signed, signed: true, spread: 'linear' } as const
  if (!head) {
    return {
      ...common,
      name: 'by the others',
      values: repair.repaired,
      ends: 'change of the logit difference by all but the cut head itself',
    }
  }
  return {
    ...common,
    name: 'moves by',
    values: repair.heads[head.layer]?.[head.head] ?? [],
    mlps: repair.mlps[head.layer]?.[head.head] ?? [],
    ends: `what each writes otherwise once ${headName(head)} is cut, − for the foil · for the answer +`,
  }
}

/** The head of whose own direct share most is made up for by the others. */
export function mostRepaired({ direct, repaired }: Repair): Head | null {
  const all = direct.flatMap((row, layer) =>
    row.map((own, head) => ({
      head: { layer, head },
      by: Math.min(Math.abs(own), -Math.sign(own) * (repaired[layer]?.[head] ?? 0)),
    })),
  )
  const most = all.reduce((best, each) => (each.by > best.by ? each : best), {
    head: null as Head | null,
    by: 0,
  })
  return most.head
}

const listed = (names: readonly string[]) =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

export function tellRepair(repair: Repair, head: Head): string {
  const { direct, heads, mlps, layerNorm, total } = partsOf(repair, head)
  const others = heads + mlps + layerNorm
  const parts = [
    { name: 'later heads', value: heads },
    { name: 'MLPs', value: mlps },
    { name: 'the LayerNorm’s scale', value: layerNorm },
  ]
  const against = parts.filter(({ value }) => Math.sign(value) === -Math.sign(direct))
  const verdict =
    direct === 0 || Math.sign(others) !== -Math.sign(direct)
      ? ' Together the others make nothing up: they move the same way.'
      : Math.abs(others) <= Math.abs(direct)
        ? ` Of what it wrote itself, ${Math.round(Math.abs(others / direct) * 100)} % is made up for, by ${listed(against.map(({ name }) => name))}.`
        : ' The rest moves the other way by more than that: what the head feeds counts for more than what it writes.'
  return `With ${headName(head)} cut the logit difference changes by ${signed(total)} logits: ${signed(direct)} by what it no longer writes itself, ${signed(heads)} by later heads, ${signed(mlps)} by MLPs, ${signed(layerNorm)} by the last LayerNorm’s scale.${verdict}`
}
