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
import { useLoadModel } from '../useLoadModel'
import { useShortcuts } from '../useShortcuts'
import { HeadsAndFindings } from '../workspace/HeadsAndFindings'
import { ANALYSES, analysisOf } from './analyses'
import { useCarriedCuts } from './PatchContext'
import { PatchHeads } from './PatchHeads'
import { useCorruptions } from './useCorruptions'
import { usePage, type Page } from './usePage'

/** Two prompts above, the heads on the left, what the chosen analysis says of them on the right. */
export function PatchView() {
  const page = usePage()
  const { undo, redo, patch } = page
  useCarriedCuts(page)
  useShortcuts({ run: () => undefined, stop: page.whole.stop, undo, redo })
  return (
    <PictureNote value={tellPair(patch)}>
      <ModelNotices page={page} />
      <Boundary name="Two prompts">
        <Prompts page={page} />
      </Boundary>
      <HeadsAndFindings
        heads={
          <Boundary name="Attention heads">
            <PatchHeads page={page} />
          </Boundary>
        }
        findings={<AnalysisPanel page={page} />}
        shown={patch.tab}
      />
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

function AnalysisPanel({ page }: { page: Page }) {
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
}

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
