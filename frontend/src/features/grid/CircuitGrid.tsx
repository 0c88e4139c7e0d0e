import { useState, type ReactNode } from 'react'
import { tellMarks, type HeadMarks } from '@/lib/headKinds'
import { headName, isHead, type GridShape, type Head, type Site } from '@/lib/heads'
import { formatOf, largest, valueAt, type GridLayer } from '@/lib/layer'
import { HeadGrid } from './HeadGrid'
import { Legend, legendWords } from './Legend'
import { useChoosing } from './useChoosing'

type Props = {
  shape: GridShape
  heads: readonly Head[]
  /** What each head of the circuit adds. */
  layer: GridLayer | null
  stale: boolean
  marks: HeadMarks | null
  focus: Head | null
  onChange: (heads: readonly Head[]) => void
  onInspect: (head: Head) => void
  /** Under the legend. */
  children: ReactNode
}

/** The grid on which a circuit is put together; its MLPs stay as they are. */
export function CircuitGrid(props: Props) {
  const { shape, heads, layer, stale, marks, focus, onChange, onInspect, children } = props
  const [pointed, setPointed] = useState<Site | null>(null)
  const { tool, chosen } = useChoosing({ heads, shape, onChange, onInspect })
  const read = (site: Site) => {
    if (!isHead(site)) return `The MLP of layer ${site.layer} stays as it is`
    const value = valueAt(layer, site)
    return [
      headName(site),
      chosen.has(headName(site)) ? 'in the circuit' : 'outside',
      layer && value !== null && `${layer.name} ${formatOf(layer)(value)} ${layer.unit}`.trim(),
      tellMarks(marks, site),
    ]
      .filter(Boolean)
      .join(' · ')
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <p className="tabular min-h-4.5 truncate text-xs text-ink-2">
        {pointed ? read(pointed) : 'Click or drag to take heads in and out; Enter looks at one.'}
      </p>
      <HeadGrid
        label="Attention heads, a row for each layer. Space takes a head into the circuit or out."
        shape={shape}
        layer={layer}
        stale={stale && layer !== null}
        cuts={[]}
        chosen={chosen}
        marks={marks}
        inspected={focus}
        tool={tool}
        onPoint={setPointed}
      />
      {layer && largest(layer) > 0 && (
        <div>
          <Legend layer={layer} value={pointed && valueAt(layer, pointed)} />
          <p className="text-xs text-ink-3">{legendWords(layer).join(' · ')}</p>
        </div>
      )}
      {children}
    </div>
  )
}
