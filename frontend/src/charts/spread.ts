const LABEL_HEIGHT = 15

/** Moves labels down that would fall on the one above; key → pixels. */
export function spread(ends: readonly { key: string; y: number }[]): Map<string, number> {
  const lifts = new Map<string, number>()
  let free = Number.NEGATIVE_INFINITY
  for (const { key, y } of [...ends].sort((a, b) => a.y - b.y)) {
    const at = Math.max(y, free)
    lifts.set(key, at - y)
    free = at + LABEL_HEIGHT
  }
  return lifts
}
