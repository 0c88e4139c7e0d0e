import { useCallback, useMemo, useState } from 'react'
import type { Texts } from '@/lib/texts'
import type { Experiment, TokenRef } from '@/lib/experiment'
import { cutReadouts, positionOf, predictedBy, windowOf } from '@/lib/lens'
import { EmptyNote } from '@/ui/EmptyNote'
import { LensColumn } from './LensColumn'
import { LensOverview } from './LensOverview'
import { useLens, useLensText } from './useLens'

type Props = {
  experiment: Experiment
  /** The run whose continuations are read; null reads the prompt alone. */
  texts: Texts | null
  onSelectToken: (ref: TokenRef) => void
}

/** What the model believes after every layer: one token closely, all positions at a glance. */
export function LensPanel({ experiment, texts, onSelectToken }: Props) {
  const text = useLensText(experiment, texts)
  const position = text ? positionOf(experiment.token, text.promptLength, text.length) : 0
  const [layer, setLayer] = useState<number | null>(null)
  const column = useLens(experiment, text, text ? [position] : [])
  const overview = useLens(experiment, text, text ? windowOf(position, text.length) : [])
  const cutLayers = useMemo(() => cutReadouts(experiment.cuts), [experiment.cuts])
  const promptLength = text?.promptLength
  const stream = text?.stream
  const select = useCallback(
    (chosen: number) => {
      if (promptLength === undefined || stream === undefined) return
      onSelectToken(predictedBy(chosen, promptLength, stream))
    },
    [promptLength, stream, onSelectToken],
  )

  if (experiment.prompt === '') {
    return <EmptyNote>Write a prompt: the lens reads it layer by layer.</EmptyNote>
  }
  return (
    <div className="space-y-8">
      <LensColumn
        query={column}
        cutLayers={cutLayers}
        isPrediction={text === null || position + 1 >= text.length}
        layer={layer}
        onLayer={setLayer}
      />
      <LensOverview
        query={overview}
        position={position}
        length={text?.length ?? 0}
        cutLayers={cutLayers}
        layer={layer}
        onSelect={select}
      />
    </div>
  )
}
