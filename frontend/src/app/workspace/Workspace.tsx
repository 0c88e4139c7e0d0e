import type { ReactNode } from 'react'
import { Boundary } from '@/ui/Boundary'
import { Split } from '@/ui/Split'
import { useMedia } from '@/ui/useMedia'
import { useActions, useWorkspace } from '../WorkspaceContext'
import { STANDARD, type Layout } from './layout'
import { PanelSlot } from './PanelSlot'
import { Panels } from './Panels'
import { Result } from './Result'
import { Sheet } from './Sheet'

type Props = {
  layout: Layout
  arrange: (patch: Partial<Layout>) => void
  prompt: ReactNode
  heads: ReactNode
}

/** Prompt above, grid on the left, panels on the right; on a narrow window they come up as a sheet. */
export function Workspace({ layout, arrange, prompt, heads }: Props) {
  const isSplit = useMedia('(min-width: 64rem)')
  const tab = useWorkspace((state) => state.experiment.tab)
  const revealed = useWorkspace((state) => state.revealed)
  const { update, reveal } = useActions()
  const grid = (
    <div data-tour="grid" className="min-h-0 min-w-0 rounded-xl">
      <Boundary name="Attention heads">{heads}</Boundary>
    </div>
  )
  const strip = <Result />

  if (!isSplit) {
    return (
      <div className="grid gap-3 pb-32">
        {prompt}
        {grid}
        <Sheet open={revealed} onOpen={reveal} strip={strip}>
          <PanelSlot name="Panels" shown={tab} onShow={(next) => update({ tab: next })} />
        </Sheet>
      </div>
    )
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-2.5">
      {prompt}
      <div className="rounded-xl border border-line bg-surface px-4 py-2">{strip}</div>
      <Split
        className="min-h-[24rem] flex-1"
        label="Width of the grid"
        share={layout.heads}
        min={22}
        least="23.5rem"
        max={60}
        standard={STANDARD.heads}
        onShare={(share) => arrange({ heads: share })}
        first={grid}
        second={
          <div className="min-h-0 min-w-0">
            <Panels layout={layout} arrange={arrange} />
          </div>
        }
      />
    </div>
  )
}
