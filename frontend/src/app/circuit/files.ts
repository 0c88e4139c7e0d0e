/** The tables of the Circuit view as CSV. */

import type { CircuitTest } from '@/api/types'
import { toCsv } from '@/lib/csv'
import { headName } from '@/lib/heads'

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
