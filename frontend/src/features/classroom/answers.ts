/** The answers of a class, read: what each cut and said, all together, and as a table. */

import type { ClassAnswer, ClassAnswers } from '@/api/types'
import type { Cuts } from '@/lib/cuts'
import { tellCuts } from '@/lib/cuts'
import { toCsv } from '@/lib/csv'
import { number, probability } from '@/lib/format'
import type { GridShape } from '@/lib/heads'
import type { GridLayer } from '@/lib/layer'
import type { Methods } from '@/lib/methods'
import type { ResultLine } from '@/lib/result'
import { decode, parseLink } from '@/lib/url'

export type Answer = ClassAnswer & { readonly cut: Cuts }

export const answersOf = ({ answers }: ClassAnswers, methods: Methods): Answer[] =>
  answers.map((answer) => ({ ...answer, cut: decode(parseLink(answer.cuts), methods).cuts }))

/** The one line that says what came of it; null where no numbers came along. */
export function lineOf({ said, cut }: Answer): ResultLine | null {
  if (!said) return null
  const { control, ablated, kl, top1_changed } = said
  const told = ({ text, logprob }: typeof control) => ({ text, probability: probability(logprob) })
  if (cut.length === 0) return { intact: told(control), cut: null, facts: [] }
  const same = top1_changed ? [] : ['same first choice']
  return {
    intact: told(control),
    cut: told(ablated),
    facts: [...same, `KL ${number(kl)} nats`],
  }
}

/** The model's shape, or as large as the cuts need where it is not known. */
export const shapeFor = (shape: GridShape, cuts: Cuts): GridShape => ({
  nLayers: Math.max(shape.nLayers, ...cuts.map(({ layer }) => layer + 1)),
  nHeads: Math.max(shape.nHeads, ...cuts.map(({ head }) => (head ?? 0) + 1)),
})

/** How many cut each head and MLP. */
export function togetherLayer(answers: readonly Answer[], shape: GridShape): GridLayer {
  const { nLayers, nHeads } = shapeFor(
    shape,
    answers.flatMap(({ cut }) => cut),
  )
  const values = Array.from({ length: nLayers }, () => Array.from({ length: nHeads }, () => 0))
  const mlps = Array.from({ length: nLayers }, () => 0)
  for (const { layer, head } of answers.flatMap(({ cut }) => cut)) {
    const row = head === null ? mlps : (values[layer] ?? [])
    const at = head ?? layer
    row[at] = (row[at] ?? 0) + 1
  }
  return {
    name: 'Cut',
    unit: `of ${answers.length} answers`,
    values,
    mlps,
    signed: false,
    spread: 'linear',
    // Of half an answer, in the middle of the legend, nothing is said.
    format: (value) => (Number.isInteger(value) ? String(value) : ''),
  }
}

/** What others have written must not be taken for a formula by whoever opens the table. */
const plain = (text: string): string => (/^[\s=+\-@]/.test(text) ? `'${text}` : text)

const COLUMNS = [
  'name',
  'sentence',
  'handed_in',
  'cuts',
  'control_token',
  'control_probability',
  'ablated_token',
  'ablated_probability',
  'kl_nats',
  'top1_changed',
]

/** One row an answer. */
export const answersCsv = (answers: readonly Answer[]): string =>
  toCsv(
    COLUMNS,
    answers.map(({ name, sentence, saved, cut, said }) => [
      plain(name),
      plain(sentence),
      saved,
      tellCuts(cut, Infinity),
      ...(said
        ? [
            plain(said.control.text),
            Math.exp(said.control.logprob),
            plain(said.ablated.text),
            Math.exp(said.ablated.logprob),
            said.kl,
            said.top1_changed,
          ]
        : [null, null, null, null, null, null]),
    ]),
  )
