import type { ReactNode } from 'react'
import { Split } from '@/ui/Split'
import { useMedia } from '@/ui/useMedia'
import { STANDARD } from './layout'
import { useLayout } from './useLayout'

type Props = {
  heads: ReactNode
  findings: ReactNode
  /** What is shown of the findings: where they stand below, another begins anew. */
  shown?: string
  /** The least height of both where they stand side by side. */
  className?: string
  /** The least width of the heads there. */
  least?: string
}

/** The heads on the left and what was found of them on the right; below them on a narrow window. */
export function HeadsAndFindings({
  heads,
  findings,
  shown,
  className = 'min-h-[24rem]',
  least = '27rem',
}: Props) {
  const { layout, arrange } = useLayout()
  const isSplit = useMedia('(min-width: 64rem)')
  if (!isSplit) {
    return (
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3 pb-6">
        <div className="min-h-0 min-w-0">{heads}</div>
        <div key={shown} className="min-h-96">
          {findings}
        </div>
      </div>
    )
  }
  return (
    <Split
      className={`${className} flex-1`}
      label="Width of the grid"
      share={layout.heads}
      min={22}
      least={least}
      max={60}
      standard={STANDARD.heads}
      onShare={(share) => arrange({ heads: share })}
      first={<div className="min-h-0 min-w-0">{heads}</div>}
      second={<div className="min-h-0 min-w-0">{findings}</div>}
    />
  )
}
