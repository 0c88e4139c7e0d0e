import { useMemo } from 'react'
import type { PatchingResponse } from '@/api/types'
import { LayerFigure } from '@/features/grid/LayerFigure'
import { PatchingControls } from '@/features/patch/PatchingControls'
import { TopEffects } from '@/features/patch/TopEffects'
import { isOfHeads, type Patch, type PatchMetric } from '@/lib/patch'
import {
  byLayer,
  cellsOf,
  effectFormat,
  effectWords,
  patchLayer,
  ranked,
  tellEnds,
  tellPasses,
  tellTop,
  type Asked,
  type Patched,
} from '@/lib/patching'
import type { Head } from '@/lib/heads'
import { Refusal } from './Refusal'
import { usePart } from './state'

function patchedOf(answer: PatchingResponse): { asked: Asked; patched: Patched } {
  const { component, direction, clean, corrupt } = answer
  const metric = answer.metric as PatchMetric
  const cells = cellsOf(answer.values as Parameters<typeof cellsOf>[0], isOfHeads(component))
  return { asked: { component, direction, metric }, patched: { clean, corrupt, cells } }
}

/** Where the difference between two prompts is carried. */
export function PatchGridPart() {
  const part = usePart<PatchingResponse, { focus: Head | null }>()
  const { answer, shape, cuts, stale, focus } = part
  const { asked, patched } = useMemo(() => patchedOf(answer), [answer])
  const ofHeads = isOfHeads(asked.component)
  const effects = ranked(asked, patched, ofHeads)
  const words = effectWords(asked, patched)
  const onFocus = (next: Head) => part.ask({ focus: next })
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <PatchingControls
        patch={asked as Patch}
        onUpdate={({ component, direction, metric }) =>
          part.ask({
            ...(component && { component }),
            ...(direction && { direction }),
            ...(metric && { metric }),
          })
        }
      />
      <p className="text-sm text-pretty text-ink-2">
        {tellEnds(asked, patched)} {tellTop(asked, patched, effects)}
      </p>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-4 @3xl:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)]">
        {ofHeads && (
          <LayerFigure
            name={`Patching ${asked.component} of every head`}
            shape={shape}
            layer={patchLayer(asked, patched)}
            stale={stale}
            state={{ kind: 'ready' }}
            cuts={cuts}
            focus={focus}
            onFocus={onFocus}
            hint="Press a head to keep it in view."
            status={null}
          />
        )}
        <TopEffects
          name={`Most ${words.replace('share of', 'of')}`}
          effects={ofHeads ? effects.slice(0, 10) : byLayer(effects)}
          format={effectFormat(patched)}
          focus={focus}
          onFocus={onFocus}
        />
      </div>
      <Refusal>{part.refusal}</Refusal>
      <p className="text-xs text-ink-3">{tellPasses(answer.passes)}</p>
    </div>
  )
}
