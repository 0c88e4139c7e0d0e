/** Sites of surgery, zero-indexed as TransformerLens counts: heads, written L9H6, and MLPs, written M9. */

export type Head = { readonly layer: number; readonly head: number }
/** A head, or with `head: null` what the layer's MLP writes. */
export type Site = { readonly layer: number; readonly head: number | null }
export type GridShape = { readonly nLayers: number; readonly nHeads: number }

export const headName = ({ layer, head }: Site): string =>
  head === null ? `M${layer}` : `L${layer}H${head}`

export function parseHead(name: string): Head | null {
  const match = /^L(\d{1,4})H(\d{1,4})$/.exec(name)
  return match ? { layer: Number(match[1]), head: Number(match[2]) } : null
}

export const sameHead = (a: Site | null, b: Site | null): boolean =>
  a === b || (a !== null && b !== null && a.layer === b.layer && a.head === b.head)

export const hasHead = (heads: readonly Site[], head: Site): boolean =>
  heads.some((other) => sameHead(other, head))

/** Layer by layer, its heads before its MLP, as a pass meets them. */
export const byPosition = (a: Site, b: Site): number =>
  a.layer - b.layer || (a.head ?? Infinity) - (b.head ?? Infinity) || 0

export const isHead = <S extends Site>(site: S): site is S & Head => site.head !== null

export const isInside = ({ layer, head }: Site, { nLayers, nHeads }: GridShape): boolean =>
  layer >= 0 && layer < nLayers && (head === null || (head >= 0 && head < nHeads))
