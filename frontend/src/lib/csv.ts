/** Tables as CSV; source: RFC 4180. */

import { cutOf, tellEffect, type Cuts } from './cuts'
import { headName } from './heads'

export type CsvValue = string | number | boolean | null

const field = (value: CsvValue): string => {
  const text = value === null ? '' : String(value)
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Header and rows, CRLF after each, as RFC 4180 has it. */
export const toCsv = (columns: readonly string[], rows: readonly (readonly CsvValue[])[]): string =>
  [columns, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')

/** Where an answer's numbers come from, as every answer of the API says. */
export type Provenance = {
  readonly model: string
  readonly revision: string
  readonly version: string
  readonly request: unknown
}

type Sourced = { readonly provenance?: Provenance | undefined }

/** The source stands on each row, so that tables of several experiments can be put together. */
const sourced = (
  { provenance: from }: Sourced,
  columns: readonly string[],
  rows: readonly (readonly CsvValue[])[],
): string => {
  const source = from
    ? [from.model, from.revision, from.version, JSON.stringify(from.request)]
    : [null, null, null, null]
  return toCsv(
    [...columns, 'model', 'revision', 'version', 'request'],
    rows.map((row) => [...row, ...source]),
  )
}

type Token = { readonly id: number; readonly text: string }
type Generated = Token & { readonly logprob: number }
type Predicted = Token & {
  readonly position: number
  readonly kl: number
  readonly control_logprob: number
  readonly ablated_logprob: number
  readonly top1_changed: boolean
}

/** The API's InferResponse as far as it is written here. */
export type TokenTable = Sourced & {
  readonly prompt_tokens: readonly Token[]
  readonly control: { readonly tokens: readonly Generated[] }
  readonly ablated: { readonly tokens: readonly Generated[] }
  readonly metrics: { readonly per_token: readonly Predicted[] }
}

const TOKEN_COLUMNS = [
  'stream',
  'position',
  'token_id',
  'token',
  'logprob',
  'kl_nats',
  'control_logprob',
  'ablated_logprob',
  'top1_changed',
]

/** One row per token of prompt, control and ablated text; metrics where the token is predicted. */
export function tokensCsv(table: TokenTable): string {
  const { prompt_tokens, control, ablated, metrics } = table
  const predicted = new Map(metrics.per_token.map((token) => [token.position, token]))
  const comparison = (position: number): CsvValue[] => {
    const token = predicted.get(position)
    return token
      ? [token.kl, token.control_logprob, token.ablated_logprob, token.top1_changed]
      : [null, null, null, null]
  }
  const n = prompt_tokens.length
  return sourced(table, TOKEN_COLUMNS, [
    ...prompt_tokens.map(({ id, text }, i) => ['prompt', i, id, text, null, ...comparison(i)]),
    ...control.tokens.map(({ id, text, logprob }, i) => [
      ...['control', n + i, id, text, logprob],
      ...comparison(n + i),
    ]),
    ...ablated.tokens.map(({ id, text, logprob }, i) => [
      ...['ablated', n + i, id, text, logprob],
      ...[null, null, null, null],
    ]),
  ])
}

/** The API's ImportanceResponse as far as it is written here. */
export type ScoreTable = Sourced & {
  readonly method: string
  readonly unit: string
  readonly scores: readonly (readonly number[])[]
}

/** One row per head. */
export function scoresCsv(table: ScoreTable, cuts: Cuts): string {
  const { method, unit, scores } = table
  const rows = scores.flatMap((heads, layer) =>
    heads.map((score, head): CsvValue[] => {
      const cut = cutOf(cuts, { layer, head })
      return [
        layer,
        head,
        headName({ layer, head }),
        score,
        method,
        unit,
        cut ? tellEffect(cut) : null,
      ]
    }),
  )
  return sourced(table, ['layer', 'head', 'name', 'score', 'method', 'unit', 'cut'], rows)
}
