import { niceTicks } from '@/lib/stats'

/** A horizontal axis with zero and every value on it: its round numbers, and where a value stands. */
export function valueScale(
  values: readonly number[],
  { left, right, most }: { left: number; right: number; most: number },
) {
  const ticks = niceTicks(Math.min(0, ...values), Math.max(0, ...values), most)
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)]
  const x = (value: number) => left + ((value - low) / (high - low || 1)) * (right - left)
  return { ticks, x }
}
