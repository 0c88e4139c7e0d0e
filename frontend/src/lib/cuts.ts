import {
  byPosition,
  cutOf,
  isInside,
  sameHead,
  type AblationMethod,
  type Cut,
  type GridShape,
  type Head,
} from './heads'

/** Lists of cut heads, each head at most once, kept in order of layer and head. */
export type Cuts = readonly Cut[]

export const allHeads = ({ nLayers, nHeads }: GridShape): Head[] =>
  Array.from({ length: nLayers * nHeads }, (_, i) => ({
    layer: Math.floor(i / nHeads),
    head: i % nHeads,
  }))

/** The rectangle between two heads, both included. */
export function between(a: Head, b: Head): Head[] {
  const top = Math.min(a.layer, b.layer)
  const left = Math.min(a.head, b.head)
  const shape = {
    nLayers: Math.abs(a.layer - b.layer) + 1,
    nHeads: Math.abs(a.head - b.head) + 1,
  }
  return allHeads(shape).map(({ layer, head }) => ({ layer: layer + top, head: head + left }))
}

/** Cuts these heads; those that are cut already keep their method. */
export function withHeads(cuts: Cuts, heads: readonly Head[], method: AblationMethod): Cuts {
  const added = heads
    .filter((head, i) => !cutOf(cuts, head) && heads.findIndex((h) => sameHead(h, head)) === i)
    .map(({ layer, head }) => ({ layer, head, method }))
  return added.length === 0 ? cuts : [...cuts, ...added].sort(byPosition)
}

export const withoutHeads = (cuts: Cuts, heads: readonly Head[]): Cuts =>
  cuts.filter((cut) => !heads.some((head) => sameHead(cut, head)))

/** Cuts them all unless all are cut already; then restores them all. */
export const toggleHeads = (cuts: Cuts, heads: readonly Head[], method: AblationMethod): Cuts =>
  heads.every((head) => cutOf(cuts, head))
    ? withoutHeads(cuts, heads)
    : withHeads(cuts, heads, method)

export const invert = (cuts: Cuts, shape: GridShape, method: AblationMethod): Cuts =>
  allHeads(shape)
    .filter((head) => !cutOf(cuts, head))
    .map(({ layer, head }) => ({ layer, head, method }))

export const withMethod = (cuts: Cuts, head: Head, method: AblationMethod): Cuts =>
  cuts.map((cut) => (sameHead(cut, head) ? { ...cut, method } : cut))

export const insideOf = (cuts: Cuts, shape: GridShape): Cuts =>
  cuts.every((cut) => isInside(cut, shape)) ? cuts : cuts.filter((cut) => isInside(cut, shape))

export const topHeads = (ranking: readonly Head[], k: number, method: AblationMethod): Cuts =>
  ranking
    .slice(0, k)
    .map(({ layer, head }) => ({ layer, head, method }))
    .sort(byPosition)
