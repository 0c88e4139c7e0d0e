import { ScorePlot } from '@/features/scatter/ScorePlot'
import type { PanelProps } from './registry'

export function ScoresView({ page }: PanelProps) {
  return (
    <ScorePlot
      experiment={page.experiment}
      shape={page.shape}
      onToggle={page.toggle}
      onFocus={page.inspect}
    />
  )
}
