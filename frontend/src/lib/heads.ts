/** Heads of the model, zero-indexed, written L9H6 as TransformerLens writes them. */

export const ABLATION_METHODS = ['zero', 'mean', 'previous'] as const
export type AblationMethod = (typeof ABLATION_METHODS)[number]

export type Head = { readonly layer: number; readonly head: number }
export type Cut = Head & { readonly method: AblationMethod }
export type GridShape = { readonly nLayers: number; readonly nHeads: number }

export const headName = ({ layer, head }: Head): string => `L${layer}H${head}`

export const headKey = headName

export function parseHead(name: string): Head | null {
  const match = /^L(\d{1,4})H(\d{1,4})$/.exec(name)
  return match ? { layer: Number(match[1]), head: Number(match[2]) } : null
}

export const sameHead = (a: Head | null, b: Head | null): boolean =>
  a === b || (a !== null && b !== null && a.layer === b.layer && a.head === b.head)

export const byPosition = (a: Head, b: Head): number => a.layer - b.layer || a.head - b.head

export const cutOf = (cuts: readonly Cut[], head: Head): Cut | undefined =>
  cuts.find((cut) => sameHead(cut, head))

export const isInside = ({ layer, head }: Head, { nLayers, nHeads }: GridShape): boolean =>
  layer >= 0 && layer < nLayers && head >= 0 && head < nHeads
