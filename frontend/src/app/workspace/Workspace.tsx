import { useState, type ReactNode } from 'react'
import type { TokenRef } from '@/lib/experiment'
import type { Head } from '@/lib/heads'
import { Boundary } from '@/ui/Boundary'
import { Split } from '@/ui/Split'
import { useMedia } from '@/ui/useMedia'
import type { Page } from '../usePage'
import { STANDARD, type Layout } from './layout'
import { PanelSlot } from './PanelSlot'
import { Panels } from './Panels'
import { Result } from './Result'
import { Sheet } from './Sheet'

type Props = {
  page: Page
  layout: Layout
  arrange: (patch: Partial<Layout>) => void
  prompt: ReactNode
  /** The grid, given the page whose clicks bring panels into view. */
  heads: (page: Page) => ReactNode
}

/** Prompt above, grid on the left, panels on the right; on a narrow window they come up as a sheet. */
export function Workspace({ page, layout, arrange, prompt, heads }: Props) {
  const isSplit = useMedia('(min-width: 64rem)')
  const [isOpen, setOpen] = useState(false)
  /** What a click shows must be in view: here that takes opening the sheet. */
  const revealing: Page = {
    ...page,
    selectToken: (token: TokenRef) => {
      setOpen(true)
      page.selectToken(token)
    },
    inspect: (head: Head) => {
      setOpen(true)
      page.inspect(head)
    },
  }
  const grid = (
    <div id="grid-region" tabIndex={-1} className="min-h-0 min-w-0 rounded-xl">
      <Boundary name="Attention heads">{heads(revealing)}</Boundary>
    </div>
  )
  const strip = <Result page={page} />

  if (!isSplit) {
    return (
      <div className="grid gap-3 pb-32">
        {prompt}
        {grid}
        <Sheet open={isOpen} onOpen={setOpen} strip={strip}>
          <PanelSlot
            page={revealing}
            name="Panels"
            shown={page.experiment.tab}
            onShow={(tab) => page.update({ tab })}
          />
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
          <div id="panel-region" className="min-h-0 min-w-0">
            <Panels page={page} layout={layout} arrange={arrange} />
          </div>
        }
      />
    </div>
  )
}
