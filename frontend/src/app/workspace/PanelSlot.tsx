import type { ReactNode } from 'react'
import type { Tab } from '@/lib/experiment'
import { Boundary } from '@/ui/Boundary'
import { EmptyNote } from '@/ui/EmptyNote'
import { Tabs } from '@/ui/Tabs'
import { PANELS, panelOf } from '../panels/registry'
import { useWorkspace } from '../WorkspaceContext'

type Props = {
  /** Names the slot to screen readers. */
  name: string
  shown: Tab
  onShow: (tab: Tab) => void
  aside?: ReactNode
}

/** A place for one panel, and the tabs to choose it by. */
export function PanelSlot({ name, shown, onShow, aside }: Props) {
  const isEmpty = useWorkspace((state) => state.experiment.prompt === '')
  const { Content, label, needsPrompt } = panelOf(shown)
  return (
    <section
      aria-label={name}
      data-tour={shown}
      className="flex h-full min-h-0 min-w-0 flex-col overflow-hidden rounded-xl border border-line bg-surface"
    >
      <Tabs label={name} tabs={PANELS} selected={shown} onSelect={onShow} aside={aside}>
        {needsPrompt !== null && isEmpty ? (
          <EmptyNote>{needsPrompt}</EmptyNote>
        ) : (
          <Boundary key={shown} name={label}>
            <Content />
          </Boundary>
        )}
      </Tabs>
    </section>
  )
}
