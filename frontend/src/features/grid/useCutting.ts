import { useState } from 'react'
import { between, toggleHeads, withHeads, type Cuts, type Effect } from '@/lib/cuts'
import { isHead, type GridShape, type Head, type Site } from '@/lib/heads'
import type { GridTool } from './tools'
import { usePainting } from './usePainting'

type Options = {
  cuts: Cuts
  /** What the next cut does. */
  brush: Effect
  shape: GridShape
  onCutsChange: (cuts: Cuts, touched: Site) => void
  onInspect: (head: Head) => void
}

/** The scalpel: a press cuts or restores, a drag paints, Shift fills, Enter shows the pattern. */
export function useCutting({ cuts, brush, shape, onCutsChange, onInspect }: Options) {
  const [anchor, setAnchor] = useState<Site>({ layer: 0, head: 0 })
  const change = (next: Cuts, touched: Site) => {
    setAnchor(touched)
    onCutsChange(next, touched)
  }
  const { preview, handlers } = usePainting({ cuts, brush, shape, anchor, onCutsChange: change })
  const tool: GridTool = {
    press: (sites) => change(toggleHeads(cuts, sites, brush), sites[0] ?? anchor),
    open: (site) => isHead(site) && onInspect(site),
    extend: (reached) => onCutsChange(withHeads(cuts, between(anchor, reached), brush), reached),
    many: true,
    handlers,
  }
  return { tool, preview }
}
