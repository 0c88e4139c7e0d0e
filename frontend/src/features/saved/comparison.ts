/** What saved experiments have to compare, row by row. */

import type { InferResponse } from '@/api/types'
import { number, percent, signed, visible } from '@/lib/format'
import type { GridLayer } from '@/lib/layer'
import { resultLine } from '@/lib/result'
import { scoreName, type ScoreTable } from '@/lib/scores'

export type Row = {
  readonly name: string
  readonly cells: readonly { readonly text: string; readonly difference: string | null }[]
}

const MEASURES: readonly {
  name: string
  of: (run: InferResponse) => number | null
  told?: (value: number) => string
}[] = [
  { name: 'KL, mean, nats', of: ({ metrics }) => metrics.kl },
  { name: 'KL of the next token, nats', of: ({ next_token }) => next_token.kl },
  { name: 'Perplexity, control', of: ({ metrics }) => metrics.perplexity_control },
  { name: 'Perplexity, ablated', of: ({ metrics }) => metrics.perplexity_ablated },
  { name: 'Top-1 changed', of: ({ metrics }) => metrics.top1_changed, told: percent },
]

type Runs = readonly (InferResponse | null)[]

/** But for the last digits of a float, which are another's on another day. */
const isSame = (a: number, b: number) =>
  Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b))

/** Numbers with their difference to the first experiment's. */
const numberRow =
  (runs: Runs) =>
  ({ name, of, told = number }: (typeof MEASURES)[number]): Row => {
    const values = runs.map((run) => run && of(run))
    const base = values[0] ?? null
    return {
      name,
      cells: values.map((value, index) => ({
        text: value === null ? '–' : told(value),
        difference:
          index === 0 || base === null || value === null
            ? null
            : isSame(value, base)
              ? 'same'
              : told === number
                ? signed(value - base)
                : `${signed((value - base) * 100)} points`,
      })),
    }
  }

function saysRow(runs: Runs, name: string, which: 'intact' | 'cut'): Row {
  const texts = runs.map((run) => {
    const line = run && resultLine(run.next_token, true, null)
    const answer = line?.[which]
    return answer ? `${visible(answer.text)} ${answer.probability}` : '–'
  })
  return { name, cells: texts.map((text) => ({ text, difference: null })) }
}

export const rowsOf = (runs: Runs): Row[] => [
  saysRow(runs, 'Intact says', 'intact'),
  saysRow(runs, 'Cut says', 'cut'),
  ...MEASURES.map(numberRow(runs)),
]

/** The second's scores less the first's; null where they are not of one kind and shape. */
export function differenceLayer(a: ScoreTable | null, b: ScoreTable | null): GridLayer | null {
  if (!a || !b || scoreName(a) !== scoreName(b) || a.unit !== b.unit) return null
  const sameShape =
    a.values.length === b.values.length &&
    a.values.every((row, layer) => row.length === b.values[layer]?.length)
  if (!sameShape) return null
  return {
    name: `${scoreName(a)}, second − first`,
    unit: a.unit,
    values: a.values.map((row, layer) =>
      row.map((value, head) => {
        const other = b.values[layer]?.[head] ?? null
        return value === null || other === null ? null : other - value
      }),
    ),
    signed: true,
    spread: 'cube-root',
    ends: '− less in the second · more +',
  }
}
