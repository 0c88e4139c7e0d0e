import { CodePanel } from '@/features/export/CodePanel'
import type { PanelProps } from './registry'

export function CodeView({ page }: PanelProps) {
  const { run, experiment, model } = page
  return (
    <CodePanel
      experiment={experiment}
      result={run.outdated ? null : run.state.result}
      modelInfo={model}
    />
  )
}
