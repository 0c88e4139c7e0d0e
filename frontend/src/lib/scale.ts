/** Where a number stands on the scale of its colours. */

import { knownValues, largest, type GridLayer } from './layer'

/**
 * How numbers spread over the colours: as they are; by their cube root, where a few tower over the
 * rest and the rest should show too; or by rank, where they lie close together.
 */
export type Spread = 'linear' | 'cube-root' | 'rank'

export type Scale = {
  /** −1 to 1 for signed numbers, 0 to 1 for sizes. */
  readonly place: (value: number) => number
  readonly signed: boolean
  /** Values of the left end, the middle and the right end. */
  readonly ticks: readonly [number, number, number]
  /** How values become places, in words; nothing where they are what they are. */
  readonly words: string | null
}

type Scaled = Pick<GridLayer, 'values' | 'mlps' | 'signed' | 'spread'>

/** Zero in the middle, or at the left end; `power` of the share of the largest value. */
function byPower(layer: Scaled, power: number, words: string | null): Scale {
  const most = largest(layer)
  const { signed } = layer
  return {
    place: (value) =>
      most === 0 ? 0 : Math.sign(value) * Math.min(1, Math.abs(value) / most) ** power,
    signed,
    ticks: signed ? [-most, 0, most] : [0, most * 0.5 ** (1 / power), most],
    words,
  }
}

function byRank(layer: Scaled): Scale {
  const sorted = knownValues(layer).sort((a, b) => a - b)
  const last = sorted.length - 1
  const at = (share: number) => sorted[Math.round(share * last)] ?? 0
  const rank = new Map(sorted.map((value, index) => [value, index]))
  return {
    place: (value) => (last <= 0 ? 0 : (rank.get(value) ?? 0) / last),
    signed: false,
    ticks: [at(0), at(0.5), at(1)],
    words: 'coloured by rank',
  }
}

export function scaleOf(layer: Scaled): Scale {
  if (layer.spread === 'rank') return byRank(layer)
  return layer.spread === 'linear'
    ? byPower(layer, 1, null)
    : byPower(layer, 1 / 3, 'cube-root scale')
}
