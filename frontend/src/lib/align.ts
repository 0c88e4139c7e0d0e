/** The two continuations side by side. */

export type Aligned<T> = {
  readonly index: number
  readonly control: T | null
  readonly ablated: T | null
  /** Both streams have a token here and it is the same. */
  readonly same: boolean
}

export type Alignment<T> = {
  readonly rows: readonly Aligned<T>[]
  /** Index of the first unequal pair; null while the streams agree. */
  readonly firstDifference: number | null
}

/**
 * Pairs the tokens by index: both streams start from the same prompt, so index i is the i-th
 * decoding step of each. A stream that ended early leaves nulls.
 *
 * While tokens arrive (`running`), a missing token is one that has not come yet, no difference.
 */
export function alignStreams<T extends { readonly id: number }>(
  control: readonly T[],
  ablated: readonly T[],
  running = false,
): Alignment<T> {
  const length = Math.max(control.length, ablated.length)
  const rows = Array.from({ length }, (_, index): Aligned<T> => {
    const pair = { control: control[index] ?? null, ablated: ablated[index] ?? null }
    return { index, ...pair, same: pair.control?.id === pair.ablated?.id }
  })
  const differs = ({ control: a, ablated: b, same }: Aligned<T>) =>
    !same && !(running && (a === null || b === null))
  return { rows, firstDifference: rows.find(differs)?.index ?? null }
}
