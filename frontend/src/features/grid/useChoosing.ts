import { useState } from 'react'
import { between, cutAt, type Cuts } from '@/lib/cuts'
import { headName, isHead, type GridShape, type Head, type Site } from '@/lib/heads'
import type { GridTool } from './tools'
import { usePainting } from './usePainting'

type Options = {
  heads: readonly Head[]
  shape: GridShape
  onChange: (heads: readonly Head[]) => void
  onInspect: (head: Head) => void
}

/** What painting does, said of heads that are in. */
const IN = { method: 'in' } as const

const headsIn = (sites: readonly Site[]): Head[] =>
  sites.filter(isHead).map(({ layer, head }) => ({ layer, head }))

/** Puts heads together: a press takes one in or out, a drag paints, Shift fills, Enter looks at it. */
export function useChoosing({ heads, shape, onChange, onInspect }: Options) {
  const [anchor, setAnchor] = useState<Site>({ layer: 0, head: 0 })
  const held: Cuts = heads.map((head) => cutAt(head, IN))
  const change = (sites: readonly Site[], touched: Site) => {
    setAnchor(touched)
    onChange(headsIn(sites))
  }
  const { preview, handlers } = usePainting({
    cuts: held,
    brush: IN,
    shape,
    anchor,
    onCutsChange: change,
  })
  const has = (site: Site) => heads.some((h) => h.layer === site.layer && h.head === site.head)
  const press = (sites: readonly Site[]) => {
    const touched = headsIn(sites)
    if (touched.length === 0) return
    const next = touched.every(has)
      ? heads.filter((head) => !touched.some((t) => headName(t) === headName(head)))
      : [...heads, ...touched.filter((head) => !has(head))]
    change(next, touched[0] ?? anchor)
  }
  const tool: GridTool = {
    press,
    open: (site) => isHead(site) && onInspect({ layer: site.layer, head: site.head }),
    extend: (reached) =>
      change([...heads, ...headsIn(between(anchor, reached)).filter((head) => !has(head))], anchor),
    many: true,
    handlers,
  }
  return { tool, chosen: new Set(headsIn(preview).map(headName)) }
}
