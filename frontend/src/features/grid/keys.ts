import type { GridShape, Site } from '@/lib/heads'

/** A place in the grid; −1 is the header of that row or column, the column after the heads the MLP. */
export type Place = { readonly row: number; readonly col: number }

export const placeOf = ({ layer, head }: Site, { nHeads }: GridShape): Place => ({
  row: layer,
  col: head ?? nHeads,
})

/** The site at a place; null where it is a header. */
export const siteAt = ({ row, col }: Place, { nHeads }: GridShape): Site | null =>
  row < 0 || col < 0 ? null : { layer: row, head: col < nHeads ? col : null }

/** The site whose cell an element is or is in. */
export function siteOf(element: Element | null, shape: GridShape): Site | null {
  const cell = element?.closest<HTMLElement>('[data-cell]')
  const { row, col } = cell?.dataset ?? {}
  return cell ? siteAt({ row: Number(row), col: Number(col) }, shape) : null
}

const clamp = (value: number, high: number) => Math.min(high, Math.max(-1, value))

/** Where a key leads from a place; null when the key does not move. The corner is no place. */
export function move(
  { row, col }: Place,
  { key, ctrlKey }: { key: string; ctrlKey: boolean },
  { nLayers, nHeads }: GridShape,
  hasMlps = true,
): Place | null {
  const last = { row: nLayers - 1, col: hasMlps ? nHeads : nHeads - 1 }
  const goals: Record<string, Place> = {
    ArrowUp: { row: row - 1, col },
    ArrowDown: { row: row + 1, col },
    ArrowLeft: { row, col: col - 1 },
    ArrowRight: { row, col: col + 1 },
    Home: ctrlKey ? { row: 0, col: 0 } : { row, col: 0 },
    End: ctrlKey ? last : { row, col: last.col },
    PageUp: { row: 0, col },
    PageDown: { row: last.row, col },
  }
  const goal = goals[key]
  if (!goal) return null
  const place = { row: clamp(goal.row, last.row), col: clamp(goal.col, last.col) }
  return place.row === -1 && place.col === -1 ? { row, col } : place
}
