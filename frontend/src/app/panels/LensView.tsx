import { LensPanel } from '@/features/lens/LensPanel'
import type { PanelProps } from './registry'

export function LensView({ page }: PanelProps) {
  return (
    <LensPanel
      experiment={page.experiment}
      result={page.sameText ? page.run.state.result : null}
      onSelectToken={page.selectToken}
    />
  )
}
