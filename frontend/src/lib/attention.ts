/** Attention patterns in words and as a table. */

import { number, percent } from './format'
import { methodNamed, type Methods } from './methods'

type Pattern = readonly (readonly number[])[]

/** The API's AttentionResponse as far as it is read here. */
export type PatternPair = {
  /** What cuts this head; null where it is intact. */
  readonly method: string | null
  readonly control: Pattern
  readonly ablated: Pattern
}

/** “␣John (10) looks at ␣Mary (2): 63 % control, 0 % under surgery.” */
export function tellCell(
  { control, ablated }: PatternPair,
  tokens: readonly string[],
  { row, column }: { readonly row: number; readonly column: number },
): string {
  const [before, after] = [control, ablated].map((run) => percent(run[row]?.[column] ?? 0))
  return `${tokens[row]} (${row}) looks at ${tokens[column]} (${column}): ${before} control, ${after} under surgery.`
}

/** The keys a query looks at most. */
export function strongestKeys(row: readonly number[], count = 3): number[] {
  const order = row.map((value, key) => ({ value, key })).filter(({ value }) => value > 0)
  return order
    .sort((a, b) => b.value - a.value)
    .slice(0, count)
    .map(({ key }) => key)
}

export function tellAttention(control: Pattern, tokens: readonly string[], row: number): string {
  const values = control[row] ?? []
  const keys = strongestKeys(values).map((key) => `${tokens[key]} ${percent(values[key] ?? 0)}`)
  return `Its most in control: ${keys.join(', ')}.`
}

/** Largest difference of any cell. */
export const largestChange = ({ control, ablated }: PatternPair): number =>
  control.reduce(
    (most, row, i) =>
      row.reduce((m, value, j) => Math.max(m, Math.abs(value - (ablated[i]?.[j] ?? 0))), most),
    0,
  )

/** What the right-hand map shows, and why it differs or does not. */
export function tellMethod(pair: PatternPair, methods: Methods): string {
  if (pair.method) {
    const meaning = methodNamed(methods, pair.method)?.meaning
    return meaning ? `Cut by ${pair.method}: ${meaning}` : `Cut by ${pair.method}.`
  }
  const change = largestChange(pair)
  if (change < 1e-4) return 'This head is intact, and nothing cut before it moves its pattern.'
  return `This head is intact; cuts before it move its pattern by up to ${percent(change)}.`
}

/** Only cells that hold something: query, key and both shares. */
export function patternTable(control: Pattern, ablated: Pattern, tokens: readonly string[]) {
  const rows = control.flatMap((values, row) =>
    strongestKeys(values, 5).map((key) => [
      `${tokens[row]} (${row})`,
      `${tokens[key]} (${key})`,
      number(values[key] ?? 0),
      number(ablated[row]?.[key] ?? 0),
    ]),
  )
  return { columns: ['Query', 'Key (five strongest)', 'Control', 'Under surgery'], rows }
}
