import { memo, useDeferredValue, useState } from 'react'
import { PictureNote } from '@/charts/pictureNote'
import { CorruptMenu } from '@/features/patch/CorruptMenu'
import { StandInNotice } from '@/features/models/StandInNotice'
import { PairPanel } from '@/features/patch/PairPanel'
import { PatchExamples } from '@/features/patch/PatchExamples'
import { DEFAULT_PATCH, turnedRound, type Patch } from '@/lib/patch'
import { tellPair } from '@/lib/pair'
import { patchExamplesOf } from '@/lib/patchExamples'
import { Boundary } from '@/ui/Boundary'
import { ErrorNote } from '@/ui/ErrorNote'
import { Tabs } from '@/ui/Tabs'
import { useSettled } from '@/ui/useSettled'
import { useLoadModel } from '../useLoadModel'
import { useShortcuts } from '../useShortcuts'
import { HeadsAndFindings } from '../workspace/HeadsAndFindings'
import { ANALYSES, analysisOf } from './analyses'
import { Ahead } from './Ahead'
import { useCarriedCuts } from './PatchContext'
import { PatchHeads } from './PatchHeads'
import { useCorruptions } from './useCorruptions'
import { usePage, type Page } from './usePage'

/** Two prompts above, the heads on the left, what the chosen analysis says of them on the right. */
export function PatchView() {
  const page = usePage()
  const ahead = useDeferredValue(page.ahead)
  const { undo, redo, patch } = page
  useCarriedCuts(page)
  useShortcuts({ run: () => undefined, stop: page.whole.stop, undo, redo })
  return (
    <PictureNote value={tellPair(patch)}>
      <ModelNotices page={page} />
      <Boundary name="Two prompts">
        <Prompts page={page} />
      </Boundary>
      <Below page={page} />
      {ahead && ahead === page.ahead && <Ahead question={ahead} direction={patch.direction} />}
    </PictureNote>
  )
}

function ModelNotices({ page: { models, model, update } }: { page: Page }) {
  const load = useLoadModel()
  return (
    <div className="grid gap-2 empty:hidden">
      {load.error && <ErrorNote error={load.error} />}
      {models && (
        <StandInNotice
          models={models}
          current={model}
          onChoose={(name) => update({ model: name }, { push: true })}
          onLoad={load.mutate}
        />
      )}
    </div>
  )
}

/** The heads, and what was found of them: the grid first, beside it the rest as soon as that is drawn. */
function Below({ page }: { page: Page }) {
  const shown = useShown(page)
  const findings = useDeferredValue(shown)
  return (
    <HeadsAndFindings
      heads={
        <Boundary name="Attention heads">
          <HeadsOf page={shown} />
        </Boundary>
      }
      findings={<AnalysisPanel page={findings} />}
      shown={findings.patch.tab}
    />
  )
}

/** Milliseconds for which numbers of before stand undimmed while a prompt is written. */
const MOMENT = 250

/** What decides the picture beside the prompts and the tokens that they are asked about. */
const askedOf = ({ patch }: Page) =>
  JSON.stringify({ ...patch, prompt: '', corrupt: '', answer: null, foil: null })

/**
 * The page, or while a prompt is written and its numbers are on their way for less than a moment the page
 * of before: dimming it and drawing it anew would take the time that the numbers need.
 */
function useShown(page: Page): Page {
  const [before, setBefore] = useState(page)
  const isLong = useSettled(page.isOnItsWay, MOMENT)
  const holds = page.isOnItsWay && !isLong && askedOf(before) === askedOf(page)
  if (!holds && before !== page) setBefore(page)
  return holds ? before : page
}

const HeadsOf = memo(PatchHeads)

const AnalysisPanel = memo(function AnalysisPanel({ page }: { page: Page }) {
  const { patch, update } = page
  const { id, label, Content } = analysisOf(patch.tab)
  return (
    <section
      aria-label="Analyses"
      className="flex h-full min-h-0 min-w-0 flex-col overflow-hidden rounded-xl border border-line bg-surface"
    >
      <Tabs label="Analyses" tabs={ANALYSES} selected={id} onSelect={(tab) => update({ tab })}>
        <Boundary key={id} name={label}>
          <Content page={page} />
        </Boundary>
      </Tabs>
    </section>
  )
})

/** What another example leaves as it is. */
const kept = ({ model, prependBos, marks }: Patch) => ({ model, prependBos, marks })

function Prompts({ page }: { page: Page }) {
  const { patch, pair, update } = page
  const offers = useCorruptions(patch)
  const { error } = pair
  return (
    <PairPanel
      patch={patch}
      pairing={pair.pairing}
      suggested={pair.suggested}
      tooMany={pair.tooMany}
      refusal={
        error ? (
          <ErrorNote error={error} onRetry={pair.retry} />
        ) : pair.tooLong ? (
          <p role="status" className="text-xs text-warn">
            {pair.tooLong}
          </p>
        ) : null
      }
      examples={
        <PatchExamples
          examples={patchExamplesOf(patch.model)}
          patch={patch}
          onChoose={(chosen) =>
            update({ ...DEFAULT_PATCH, ...kept(patch), ...chosen }, { push: true })
          }
        />
      }
      maker={
        <CorruptMenu
          offers={offers}
          current={patch.corrupt}
          onChoose={(corrupt) => update({ corrupt, answer: null, foil: null }, { push: true })}
        />
      }
      onUpdate={update}
      onSwap={() => update(turnedRound(patch), { push: true })}
    />
  )
}
