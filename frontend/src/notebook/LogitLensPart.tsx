import { useMemo, useState } from 'react'
import { answered } from '@/api/answer'
import type { LogitLensResponse } from '@/api/types'
import { LensColumn } from '@/features/lens/LensColumn'
import { LensOverview } from '@/features/lens/LensOverview'
import { columnOf, cutReadouts } from '@/lib/lens'
import { Refusal } from './Refusal'
import { usePart } from './state'

/** What the model believes after every layer: all positions at a glance, one of them closely. */
export function LogitLensPart() {
  const part = usePart<LogitLensResponse, { position: number }>()
  const { answer, cuts, stale } = part
  const [layer, setLayer] = useState<number | null>(null)
  const length = answer.prompt_tokens.length
  const column = answer.positions.indexOf(part.position)
  const one = useMemo(() => columnOf(answer, column), [answer, column])
  const cutLayers = cutReadouts(cuts)
  return (
    <div className="grid gap-8">
      <LensColumn
        query={answered(one, stale)}
        cutLayers={cutLayers}
        isPrediction={part.position + 1 >= length}
        layer={layer}
        onLayer={setLayer}
      />
      <LensOverview
        query={answered(answer, stale)}
        position={part.position}
        length={answer.positions.length}
        cutLayers={cutLayers}
        layer={layer}
        onSelect={(position) => part.ask({ position })}
      />
      <Refusal>{part.refusal}</Refusal>
    </div>
  )
}
