import { MetricsPanel } from '@/features/metrics/MetricsPanel'
import { Cover } from '@/ui/Cover'
import { EmptyNote } from '@/ui/EmptyNote'
import { useThrottled } from '@/ui/useThrottled'
import { useRun } from '../useRun'
import { useActions } from '../WorkspaceContext'

/** How much it changed, over the whole text. */
export function MeasuresPanel() {
  const { state: latest, outdated } = useRun()
  const { selectToken } = useActions()
  const isRunning = latest.status === 'running'
  // Charts take longer to draw than a token to write.
  const state = useThrottled(latest, 250, isRunning)
  if (state.perToken.length === 0 && !isRunning) {
    return <EmptyNote>Run inference to measure how much the cut changes.</EmptyNote>
  }
  return (
    <Cover when={outdated && !isRunning} note="These numbers are of before your last change.">
      <MetricsPanel
        metrics={state.metrics}
        perToken={state.perToken}
        promptLength={state.promptTokens.length}
        running={isRunning}
        onSelectToken={selectToken}
      />
    </Cover>
  )
}
