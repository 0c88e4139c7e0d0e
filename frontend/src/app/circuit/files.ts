/** What the Circuit view shows, as files. */

import type { CircuitTest } from '@/api/types'
import { graphmlOf, mibOf } from '@/lib/circuitFiles'
import { toCsv } from '@/lib/csv'
import { headName } from '@/lib/heads'
import type { FileFormat } from '../patch/AnalysisFiles'

type Edges = NonNullable<CircuitTest['edges']>
type Minimality = NonNullable<CircuitTest['minimality']>
type Curve = NonNullable<CircuitTest['curve']>

/** One row per head of the circuit. */
export const headsCsv = ({ heads, superfluous }: Minimality): string =>
  toCsv(
    ['layer', 'head', 'name', 'effect', 'value', 'without', 'superfluous'],
    heads.map(({ head, effect, value, without }) => [
      head.layer,
      head.head,
      headName(head),
      effect,
      value,
      without.map(headName).join(' '),
      superfluous.some((other) => headName(other) === headName(head)),
    ]),
  )

/** One row per path. */
export const edgesCsv = ({ edges }: Edges): string =>
  toCsv(
    ['sender', 'receiver', 'input', 'effect', 'standard_error', 'share'],
    edges.map(({ sender, receiver, input, effect, standard_error, share }) => [
      headName(sender),
      receiver ? headName(receiver) : 'logits',
      input,
      effect,
      standard_error,
      share,
    ]),
  )

/** One row per point of the curve. */
export const curveCsv = ({ points }: Curve): string =>
  toCsv(
    ['share', 'heads', 'value', 'f', 'random_mean', 'random_low', 'random_high'],
    points.map(({ share, size, value, f, random }) => [
      share,
      size,
      value,
      f,
      random?.mean ?? null,
      random?.low ?? null,
      random?.high ?? null,
    ]),
  )

/** A circuit's test, and the paths between its heads, which are of items and a request of their own. */
export type CircuitFile = {
  readonly test: CircuitTest
  readonly edges: Edges
  readonly ofPaths: CircuitTest
}

/** All numbers in one, with where both come from. */
export const wholeFile = ({ test, edges, ofPaths }: CircuitFile) => ({
  ...test,
  edges,
  edges_provenance: ofPaths.provenance,
})

/** The circuit in the formats of others. */
export function circuitFormats(file: CircuitFile | null): readonly FileFormat[] {
  const heads = file?.test.heads ?? []
  const paths = file?.edges.edges ?? []
  return [
    {
      label: 'GraphML',
      title: 'For Gephi, yEd and networkx',
      ending: '.graphml',
      type: 'application/graphml+xml',
      text: () => graphmlOf(heads, paths),
    },
    {
      label: 'MIB',
      title: 'JSON as the circuit track of the Mechanistic Interpretability Benchmark reads it',
      ending: '-mib.json',
      type: 'application/json',
      text: () =>
        file ? JSON.stringify(mibOf(file.test, heads, file.test.minimality?.heads, paths)) : '',
    },
  ]
}
