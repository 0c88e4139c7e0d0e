import { useId } from 'react'
import type { LegendItem } from './types'

/** The sign of one legend entry, 18 × 12, as the chart draws it. */
export function LegendMark({ color, mark }: Pick<LegendItem, 'color' | 'mark'>) {
  const paint = `var(${color})`
  const id = useId()
  return (
    <svg width={18} height={12} viewBox="0 0 18 12" aria-hidden className="shrink-0">
      {mark === 'bar' && <rect x={1} y={2} width={16} height={8} rx={1} fill={paint} />}
      {mark === 'hatched' && (
        <>
          <Hatching id={id} color={color} />
          <rect x={1.5} y={2.5} width={15} height={7} fill={`url(#${id})`} stroke={paint} />
        </>
      )}
      {(mark === 'line' || mark === 'dashed') && (
        <line
          x1={0}
          x2={18}
          y1={6}
          y2={6}
          stroke={paint}
          strokeWidth={2}
          strokeDasharray={mark === 'dashed' ? '4 3' : undefined}
        />
      )}
      {mark === 'dot' && <circle cx={9} cy={6} r={4} fill={paint} />}
      {mark === 'cross' && (
        <path d="M5 2l8 8M13 2l-8 8" stroke={paint} strokeWidth={2.2} strokeLinecap="round" />
      )}
      {mark === 'triangle' && <path d="M9 2l4.5 8h-9z" fill={paint} />}
    </svg>
  )
}

/** Diagonal stripes, so that a bar is told apart without its colour. */
export function Hatching({ id, color }: { id: string; color: string }) {
  return (
    <defs>
      <pattern
        id={id}
        width={5}
        height={5}
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width={5} height={5} fill={`var(${color})`} fillOpacity={0.22} />
        <line x1={1} x2={1} y1={0} y2={5} stroke={`var(${color})`} strokeWidth={2.4} />
      </pattern>
    </defs>
  )
}
