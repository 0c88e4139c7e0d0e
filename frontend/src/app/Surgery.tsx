import { lazy, Suspense } from 'react'
import { ModelPicker } from '@/features/models/ModelPicker'
import { StandInNotice } from '@/features/models/StandInNotice'
import { HelpPanel } from '@/features/help/HelpPanel'
import { GridPanel } from '@/features/grid/GridPanel'
import { ScorePicker } from '@/features/importance/ScorePicker'
import { SweepStatus } from '@/features/importance/SweepStatus'
import { PromptPanel } from '@/features/prompt/PromptPanel'
import { Tour } from '@/features/tour/Tour'
import { ErrorNote } from '@/ui/ErrorNote'
import { Changes, Measures } from './Changes'
import { Header } from './Header'
import { Lenses } from './Lenses'
import { Notices } from './Notices'
import { ShareButton } from './ShareButton'
import { ThemeButton } from './ThemeButton'
import { usePage, type Page } from './usePage'

const ExportMenu = lazy(() =>
  import('@/features/export/ExportMenu').then((m) => ({ default: m.ExportMenu })),
)

/** The page: left what is asked, right what changed, below the lenses. */
export function Surgery() {
  const page = usePage()
  return (
    <div className="mx-auto max-w-[96rem] px-2 pb-16 sm:px-6">
      <a
        href="#grid-region"
        className="sr-only rounded bg-surface px-3 py-2 focus:not-sr-only focus:absolute focus:z-50"
      >
        Skip to the grid of heads
      </a>
      <TopBar page={page} />
      <main className="grid gap-4">
        <PageNotices page={page} />
        <div id="prompt-region" className="rounded-xl">
          <Prompt page={page} />
        </div>
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(26rem,5fr)_7fr]">
          <div id="grid-region" tabIndex={-1} className="min-w-0 rounded-xl">
            <Heads page={page} />
          </div>
          <div id="change-region" className="min-w-0 rounded-xl">
            <Changes page={page} />
          </div>
        </div>
        <Measures page={page} />
        <div id="lens-region" className="min-w-0 rounded-xl">
          <Lenses page={page} />
        </div>
      </main>
      {page.tour.open && page.models.data && <Tour onEnd={page.tour.end} />}
    </div>
  )
}

type Props = { page: Page }

function TopBar({ page }: Props) {
  const { models, model, experiment } = page
  return (
    <Header
      picker={
        models.data && (
          <ModelPicker
            models={models.data}
            current={model}
            onChoose={page.chooseModel}
            onLoad={page.load.mutate}
          />
        )
      }
      aside={
        <>
          <HelpPanel onTour={page.tour.start} />
          <ThemeButton />
        </>
      }
      actions={
        <>
          <Suspense>
            <ExportMenu
              experiment={experiment}
              result={page.run.outdated ? null : page.run.state.result}
              scores={page.measurement.result}
            />
          </Suspense>
          <ShareButton
            experiment={experiment}
            drawnSeed={page.run.outdated ? null : (page.run.state.result?.seed ?? null)}
          />
        </>
      }
    />
  )
}

function PageNotices({ page }: Props) {
  const { models, model, load } = page
  return (
    <Notices alive={page.alive} error={models.error} onRetry={() => void models.refetch()}>
      {load.error && <ErrorNote error={load.error} />}
      {models.data && (
        <StandInNotice
          models={models.data}
          current={model}
          onChoose={page.chooseModel}
          onLoad={load.mutate}
        />
      )}
    </Notices>
  )
}

function Prompt({ page }: Props) {
  return (
    <PromptPanel
      experiment={page.experiment}
      model={page.model}
      limits={page.models.data?.limits ?? null}
      tokens={page.tokens}
      running={page.run.state.status === 'running'}
      blocked={page.blocked}
      onUpdate={page.update}
      onExample={({ prompt }) => page.chooseExample(prompt)}
      onCut={page.setCuts}
      onRun={page.start}
      onStop={page.run.stop}
    />
  )
}

function Heads({ page }: Props) {
  const { experiment, measurement, ranking } = page
  return (
    <GridPanel
      experiment={experiment}
      shape={page.shape}
      scores={measurement.table}
      scoresStale={measurement.stale}
      scorePicker={
        <ScorePicker score={experiment.score} onScore={(score) => page.update({ score })} />
      }
      scoreStatus={measurement.isNotable ? <SweepStatus measurement={measurement} /> : null}
      onCutsChange={page.setCuts}
      onUpdate={page.update}
      onInspect={page.inspect}
      onTop={page.ablateTop}
      topPending={ranking.isPending}
      onUndo={page.undo}
      onRedo={page.redo}
    />
  )
}
