import { useState } from 'react'
import { HeadGrid } from '@/features/grid/HeadGrid'
import { Legend } from '@/features/grid/Legend'
import type { GridTool } from '@/features/grid/tools'
import { cutOf, type Cuts } from '@/lib/cuts'
import type { Site } from '@/lib/heads'
import { largest, readout, valueAt, type GridLayer } from '@/lib/layer'
import { GPT2_SHAPE } from '../workspaceStore'

type Props = { label: string; layer: GridLayer | null; cuts: Cuts }

const LOOK: GridTool = { press: () => {}, open: () => {}, many: false }

/** A saved grid to be read: nothing is cut here. */
export function SavedGrid({ label, layer, cuts }: Props) {
  const [pointed, setPointed] = useState<Site | null>(null)
  const shape = layer
    ? { nLayers: layer.values.length, nHeads: layer.values[0]?.length ?? 0 }
    : shapeOf(cuts)
  return (
    <div className="grid gap-1.5">
      <p className="tabular min-h-4 truncate text-xs text-ink-2">
        {pointed
          ? readout(pointed, layer, cutOf(cuts, pointed))
          : layer
            ? `${layer.name}, ${layer.unit}`
            : 'no scores were saved'}
      </p>
      <HeadGrid
        label={label}
        shape={shape}
        layer={layer}
        stale={false}
        cuts={cuts}
        inspected={null}
        tool={LOOK}
        onPoint={setPointed}
      />
      {layer &&
        (largest(layer) > 0 ? (
          <Legend layer={layer} value={pointed && valueAt(layer, pointed)} />
        ) : (
          <p className="text-xs text-ink-2">0 for every head.</p>
        ))}
    </div>
  )
}

/** As large as the cuts need, where no scores say how large the model is. */
const shapeOf = (cuts: Cuts) => ({
  nLayers: Math.max(GPT2_SHAPE.nLayers, ...cuts.map(({ layer }) => layer + 1)),
  nHeads: Math.max(GPT2_SHAPE.nHeads, ...cuts.map(({ head }) => (head ?? 0) + 1)),
})
