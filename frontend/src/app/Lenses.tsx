import { lazy, Suspense, type ReactNode } from 'react'
import type { Tab } from '@/lib/experiment'
import { Skeleton } from '@/ui/Skeleton'
import { Tabs } from '@/ui/Tabs'
import type { Page } from './usePage'

const LensPanel = lazy(() =>
  import('@/features/lens/LensPanel').then((m) => ({ default: m.LensPanel })),
)

const AttentionPanel = lazy(() =>
  import('@/features/attention/AttentionPanel').then((m) => ({ default: m.AttentionPanel })),
)
const ScorePlot = lazy(() =>
  import('@/features/scatter/ScorePlot').then((m) => ({ default: m.ScorePlot })),
)
const CodePanel = lazy(() =>
  import('@/features/export/CodePanel').then((m) => ({ default: m.CodePanel })),
)

const TABS: readonly { id: Tab; label: string }[] = [
  { id: 'lens', label: 'Logit lens' },
  { id: 'attention', label: 'Attention pattern' },
  { id: 'scatter', label: 'Scores' },
  { id: 'code', label: 'Code' },
]

type Props = { page: Page }

/** What looks inside: layer by layer, head by head, score against score, line by line. */
export function Lenses({ page }: Props) {
  const { experiment, update } = page
  return (
    <section
      aria-label="Lenses"
      className="rounded-xl border border-line bg-surface px-3 pt-2 pb-4 sm:px-5 sm:pb-5"
    >
      <Tabs
        label="Lenses"
        tabs={TABS}
        selected={experiment.tab}
        onSelect={(tab) => update({ tab })}
      >
        <Suspense fallback={<Skeleton className="h-80" label="The lens is loading" />}>
          {panels[experiment.tab](page)}
        </Suspense>
      </Tabs>
    </section>
  )
}

/** The run, while it is of the text and the cut that the page shows. */
const currentResult = ({ run }: Page) => (run.outdated ? null : run.state.result)

const panels: Record<Tab, (page: Page) => ReactNode> = {
  lens: (page) => (
    <LensPanel
      experiment={page.experiment}
      result={page.sameText ? page.run.state.result : null}
      onSelectToken={page.selectToken}
    />
  ),
  attention: (page) => (
    <AttentionPanel
      experiment={page.experiment}
      shape={page.shape}
      result={page.sameText ? page.run.state.result : null}
      onFocusHead={(focus) => page.update({ focus })}
    />
  ),
  scatter: (page) => (
    <ScorePlot
      experiment={page.experiment}
      shape={page.shape}
      onToggle={page.toggle}
      onFocus={page.inspect}
    />
  ),
  code: (page) => (
    <CodePanel experiment={page.experiment} result={currentResult(page)} modelInfo={page.model} />
  ),
}
