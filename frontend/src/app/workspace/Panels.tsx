import { Button } from '@/ui/Button'
import { Split } from '@/ui/Split'
import { useMedia } from '@/ui/useMedia'
import { useActions, useWorkspace } from '../WorkspaceContext'
import { choosePanel, shownPanels, STANDARD, type Layout } from './layout'
import { PanelSlot } from './PanelSlot'

type Props = { layout: Layout; arrange: (patch: Partial<Layout>) => void }

/** One panel at a time, or two beside each other where the window has the room. */
export function Panels({ layout, arrange }: Props) {
  const isWide = useMedia('(min-width: 80rem)')
  const tab = useWorkspace((state) => state.experiment.tab)
  const { update } = useActions()
  const [left, right] = shownPanels(layout, tab, isWide)
  const pairButton = isWide && (
    <Button
      look="quiet"
      size="small"
      aria-pressed={layout.pair}
      aria-label="Two panels side by side"
      title="Two panels side by side"
      onClick={() => arrange({ pair: !layout.pair })}
      className="px-1.5!"
    >
      <PairIcon />
    </Button>
  )
  if (left === undefined) return null
  if (right === undefined) {
    return (
      <PanelSlot
        name="Panels"
        shown={left}
        onShow={(next) => update({ tab: next })}
        aside={pairButton}
      />
    )
  }
  const choose = (side: 'left' | 'right') => (chosen: Layout['beside']) => {
    const next = choosePanel([left, right], side, chosen)
    arrange({ beside: next.beside })
    update({ tab: next.tab })
  }
  return (
    <Split
      className="h-full"
      label="Width of the left panel"
      share={layout.left}
      min={30}
      max={70}
      standard={STANDARD.left}
      onShare={(share) => arrange({ left: share })}
      first={<PanelSlot name="Left panel" shown={left} onShow={choose('left')} />}
      second={
        <PanelSlot name="Right panel" shown={right} onShow={choose('right')} aside={pairButton} />
      }
    />
  )
}

const PairIcon = () => (
  <svg viewBox="0 0 16 16" aria-hidden className="size-4 fill-none stroke-current">
    <rect x="1.75" y="2.75" width="12.5" height="10.5" rx="1.5" strokeWidth="1.5" />
    <path d="M8 3v10" strokeWidth="1.5" />
  </svg>
)
