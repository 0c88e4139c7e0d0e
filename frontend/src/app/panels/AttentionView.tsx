import { AttentionPanel } from '@/features/attention/AttentionPanel'
import type { PanelProps } from './registry'

export function AttentionView({ page }: PanelProps) {
  return (
    <AttentionPanel
      experiment={page.experiment}
      shape={page.shape}
      result={page.sameText ? page.run.state.result : null}
      onFocusHead={(focus) => page.update({ focus })}
    />
  )
}
