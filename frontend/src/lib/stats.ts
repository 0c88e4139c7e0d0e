/** Rank statistics of scores. */

/** Ranks from 1, ties share the mean of their ranks. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value)
  const result = new Array<number>(values.length)
  for (let start = 0; start < order.length;) {
    let end = start
    while (order[end + 1]?.value === order[start]?.value && end + 1 < order.length) end++
    for (let i = start; i <= end; i++) result[order[i]?.index ?? 0] = (start + end) / 2 + 1
    start = end + 1
  }
  return result
}

/** Pearson's correlation; null where one side does not vary. */
export function pearson(x: readonly number[], y: readonly number[]): number | null {
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  let [xy, xx, yy] = [0, 0, 0]
  x.forEach((value, i) => {
    const [dx, dy] = [value - mx, (y[i] ?? Number.NaN) - my]
    xy += dx * dy
    xx += dx * dx
    yy += dy * dy
  })
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null
}

/** Spearman's rank correlation, −1 to 1; null for fewer than two points or a constant side. */
export const spearman = (x: readonly number[], y: readonly number[]): number | null =>
  x.length < 2 ? null : pearson(ranks(x), ranks(y))

/** Evenly spaced round numbers that cover [low, high]; source: Heckbert 1990, Graphics Gems. */
export function niceTicks(low: number, high: number, about = 5): number[] {
  if (!(high - low > 1e-300)) return [low]
  const rough = (high - low) / Math.max(1, about - 1)
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  const step = magnitude * ([1, 2, 2.5, 5, 10].find((m) => m * magnitude >= rough) ?? 10)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
}
