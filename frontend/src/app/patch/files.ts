/** The answers of the Patch view's analyses as CSV, a row a number. */

import type {
  AttributionResponse,
  InteractionsResponse,
  PatchingResponse,
  PathsResponse,
  RepairResponse,
} from '@/api/types'
import { toCsv, type CsvValue } from '@/lib/csv'
import { headName } from '@/lib/heads'
import { isOfHeads } from '@/lib/patch'
import { cellsOf } from '@/lib/patching'
import { pathsOf, receiverName } from '@/lib/paths'
import { partsOf } from '@/lib/repair'
import { sharesOf, waterfall } from '@/lib/waterfall'

/** One row per head, or layer. */
export function patchingCsv({
  component,
  direction,
  metric,
  unit,
  ...result
}: PatchingResponse): string {
  const ofHeads = isOfHeads(component)
  const [values, scores, estimates] = [result.values, result.scores, result.estimate?.values].map(
    (table) => (table ? cellsOf(table, ofHeads) : null),
  )
  const rows = (values ?? []).flatMap((heads, layer) =>
    heads.map(([value = null], head): CsvValue[] => [
      layer,
      ofHeads ? head : null,
      ofHeads ? headName({ layer, head }) : `layer ${layer}`,
      value,
      scores?.[layer]?.[head]?.[0] ?? null,
      estimates?.[layer]?.[head]?.[0] ?? null,
      component,
      direction,
      metric,
      unit,
    ]),
  )
  return toCsv(
    [
      'layer',
      'head',
      'name',
      'value',
      'score',
      'estimate',
      'component',
      'direction',
      'metric',
      'unit',
    ],
    rows,
  )
}

/** One row per part, in the order of the pass. */
export const attributionCsv = (result: AttributionResponse): string =>
  toCsv(
    ['part', 'layer', 'logits'],
    waterfall(result).flatMap(({ label, layer, value }): CsvValue[][] =>
      layer === null
        ? [[label, null, value]]
        : sharesOf(result, layer).map(({ name, value: each }) => [name, layer, each]),
    ),
  )

/** One row per path, the strongest first. */
export const pathsCsv = (result: PathsResponse): string =>
  toCsv(
    ['sender', 'receiver', result.shares ? 'share' : `effect, ${result.unit}`],
    pathsOf(result).map(({ from, to, value }) => [headName(from), receiverName(to), value]),
  )

/** One row per head that is cut. */
export const repairCsv = (result: RepairResponse): string =>
  toCsv(
    ['layer', 'head', 'name', 'total', 'direct', 'later_heads', 'mlps', 'layer_norm'],
    result.total.flatMap((row, layer) =>
      row.map((total, head): CsvValue[] => {
        const { direct, heads, mlps, layerNorm } = partsOf(result, { layer, head })
        return [layer, head, headName({ layer, head }), total, direct, heads, mlps, layerNorm]
      }),
    ),
  )

/** One row per pair. */
export const interactionsCsv = ({
  heads,
  singles,
  interactions,
  unit,
}: InteractionsResponse): string =>
  toCsv(
    ['first', 'second', 'alone_first', 'alone_second', `interaction, ${unit}`],
    heads.flatMap((first, i) =>
      heads.slice(i + 1).map((second, k): CsvValue[] => {
        const j = i + 1 + k
        return [
          headName(first),
          headName(second),
          singles[i] ?? null,
          singles[j] ?? null,
          interactions[i]?.[j] ?? null,
        ]
      }),
    ),
  )
