import { useState } from 'react'
import { useRest } from '@/charts/useRest'
import { TokenLines } from '@/features/lens/TokenLines'
import { useLens, useLensText } from '@/features/lens/useLens'
import { cutReadouts, storyOf, type Lens } from '@/lib/lens'
import { useMedia } from '@/ui/useMedia'
import { useWorkspace } from '../WorkspaceContext'

/** Pixels that the lines need to be told apart. */
const LEAST = 200

/** From which layer on each answer leads. */
export function LayerLine() {
  const asked = useWorkspace((state) => state.asked)
  const text = useLensText(asked, null)
  const { data: lens } = useLens(asked, text, text ? [text.promptLength - 1] : [])
  return lens ? <Lines lens={lens} cutLayers={cutReadouts(asked.cuts)} /> : null
}

function Lines({ lens, cutLayers }: { lens: Lens; cutLayers: readonly number[] }) {
  const [layer, setLayer] = useState<number | null>(null)
  const { ref, height } = useRest(LEAST)
  const isWide = useMedia('(min-width: 40rem)')
  return (
    <div ref={ref} className="h-[32rem] lg:h-auto lg:min-h-0 lg:flex-1">
      <TokenLines
        lens={lens}
        cutLayers={cutLayers}
        partsAt={storyOf(lens, 0).partsAt}
        layer={layer}
        onLayer={setLayer}
        height={height}
        zoom={isWide ? 1.5 : 1.125}
      />
    </div>
  )
}
