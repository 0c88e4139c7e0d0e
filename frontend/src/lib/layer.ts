/** What colours the grid of heads: one kind of number, and everything said about it. */

import { tellEffect, type Cut } from './cuts'
import { number } from './format'
import { tellMarks, type HeadMarks } from './headKinds'
import { headName, type Site } from './heads'
import type { Spread } from './scale'

type Values = {
  /** [layer][head]; null where not yet known. */
  readonly values: readonly (readonly (number | null)[])[]
  /** [layer], of the MLPs; left out where the numbers are of heads alone. */
  readonly mlps?: readonly (number | null)[]
}

/** Numbers of the heads of a model, with their unit, sign, scale and words. */
export type GridLayer = Values & {
  /** What the numbers are called, e.g. “KL”. */
  readonly name: string
  readonly unit: string
  /** A number as it is read, without its unit. */
  readonly format?: (value: number) => string
  /** They tell apart more and less than nothing; else they are sizes. */
  readonly signed: boolean
  /** How numbers become colours. */
  readonly spread: Spread
  /** What the two ends of a signed scale mean, e.g. “− hurts · helps +”. */
  readonly ends?: string
  /** What else the legend says. */
  readonly notes?: readonly string[]
  /** It says who is in something: all have the same number, and there is no scale. */
  readonly isMembership?: boolean
}

export const formatOf = ({ format = number }: Pick<GridLayer, 'format'>) => format

export const valueAt = (layer: Values | null, site: Site): number | null =>
  (site.head === null ? layer?.mlps?.[site.layer] : layer?.values[site.layer]?.[site.head]) ?? null

export const knownValues = ({ values, mlps = [] }: Values): number[] =>
  [...values.flat(), ...mlps].filter((value) => value !== null && value !== undefined)

export const largest = (layer: Values): number =>
  knownValues(layer).reduce((most, value) => Math.max(most, Math.abs(value)), 0)

/** What a screen reader says of a cell: "Layer 9 head 6, KL 0.42, ablated by zero". */
export function cellName(
  site: Site,
  layer: GridLayer | null,
  cut: Cut | undefined,
  marks: HeadMarks | null = null,
): string {
  const value = valueAt(layer, site)
  return [
    site.head === null ? `Layer ${site.layer} MLP` : `Layer ${site.layer} head ${site.head}`,
    layer && value !== null && `${layer.name} ${formatOf(layer)(value)}`,
    cut && `ablated by ${tellEffect(cut)}`,
    tellMarks(marks, site),
  ]
    .filter(Boolean)
    .join(', ')
}

/** What the line over the grid says of a cell. */
export function readout(
  site: Site,
  layer: GridLayer | null,
  cut: Cut | undefined,
  marks: HeadMarks | null = null,
): string {
  const value = valueAt(layer, site)
  return [
    headName(site),
    layer && value !== null && `${layer.name} ${formatOf(layer)(value)} ${layer.unit}`.trim(),
    cut ? `cut by ${tellEffect(cut)}` : 'intact',
    tellMarks(marks, site),
  ]
    .filter(Boolean)
    .join(' · ')
}
