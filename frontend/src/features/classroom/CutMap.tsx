import { tellCuts, type Cuts } from '@/lib/cuts'
import type { GridShape } from '@/lib/heads'

type Props = { shape: GridShape; cuts: Cuts }

/** Where a small grid is cut: a row for each layer, and behind the heads its MLP. */
export function CutMap({ shape: { nLayers, nHeads }, cuts }: Props) {
  const width = nHeads + 1.5
  return (
    <svg
      viewBox={`0 0 ${width} ${nLayers}`}
      role="img"
      aria-label={cuts.length === 0 ? 'Nothing cut' : `Cut: ${tellCuts(cuts)}`}
      className="h-auto w-24 shrink-0"
    >
      {Array.from({ length: nLayers * nHeads }, (_, index) => (
        <rect
          key={index}
          x={(index % nHeads) + 0.08}
          y={Math.floor(index / nHeads) + 0.08}
          width={0.84}
          height={0.84}
          rx={0.15}
          className="fill-(--seq-lo)"
        />
      ))}
      {cuts.map(({ layer, head }) => (
        <rect
          key={`${layer} ${head}`}
          x={(head ?? nHeads + 0.5) + 0.04}
          y={layer + 0.04}
          width={0.92}
          height={0.92}
          rx={head === null ? 0.46 : 0.15}
          className="fill-(--cut)"
        />
      ))}
    </svg>
  )
}
