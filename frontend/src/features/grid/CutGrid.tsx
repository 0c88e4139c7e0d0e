import type { Cuts, Effect } from '@/lib/cuts'
import type { HeadMarks } from '@/lib/headKinds'
import type { GridShape, Head, Site } from '@/lib/heads'
import type { GridLayer } from '@/lib/layer'
import { HeadGrid } from './HeadGrid'
import { useCutting } from './useCutting'

type Props = {
  shape: GridShape
  cuts: Cuts
  /** What the next cut does. */
  brush: Effect
  layer: GridLayer | null
  marks?: HeadMarks | null
  stale: boolean
  inspected: Head | null
  onCutsChange: (cuts: Cuts, touched: Site) => void
  onInspect: (head: Head) => void
  onPoint: (site: Site | null) => void
}

/** The grid under the scalpel. */
export function CutGrid({ cuts, brush, onCutsChange, onInspect, ...rest }: Props) {
  const { shape } = rest
  const { tool, preview } = useCutting({ cuts, brush, shape, onCutsChange, onInspect })
  return (
    <HeadGrid
      label="Attention heads, a row for each layer, and its MLP"
      cuts={preview}
      tool={tool}
      {...rest}
    />
  )
}
