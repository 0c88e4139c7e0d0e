import { ModelPicker } from '@/features/models/ModelPicker'
import { StandInNotice } from '@/features/models/StandInNotice'
import { HelpPanel } from '@/features/help/HelpPanel'
import { GridPanel } from '@/features/grid/GridPanel'
import { ScorePicker } from '@/features/importance/ScorePicker'
import { SweepStatus } from '@/features/importance/SweepStatus'
import { PromptPanel } from '@/features/prompt/PromptPanel'
import { Tour } from '@/features/tour/Tour'
import { Boundary } from '@/ui/Boundary'
import { ErrorNote } from '@/ui/ErrorNote'
import { lazyPart } from '@/ui/lazyPart'
import { Header } from './Header'
import { Notices } from './Notices'
import { ShareButton } from './ShareButton'
import { ThemeButton } from './ThemeButton'
import { UndoButtons } from './UndoButtons'
import { usePage, type Page } from './usePage'
import { useLayout } from './workspace/useLayout'
import { Workspace } from './workspace/Workspace'

const ExportMenu = lazyPart(() => import('@/features/export/ExportMenu').then((m) => m.ExportMenu))

/** The page: what is asked above, the heads on the left, what changed on the right. */
export function Surgery() {
  const page = usePage()
  const { layout, arrange } = useLayout()
  return (
    <div className="mx-auto flex max-w-[160rem] flex-col px-2 sm:px-4 lg:h-dvh lg:min-h-[44rem] lg:pb-3">
      <a
        href="#grid-region"
        className="sr-only rounded bg-surface px-3 py-2 focus:not-sr-only focus:absolute focus:z-50"
      >
        Skip to the grid of heads
      </a>
      <TopBar page={page} />
      <main className="flex min-h-0 flex-1 flex-col gap-2.5">
        <PageNotices page={page} />
        <Workspace
          page={page}
          layout={layout}
          arrange={arrange}
          prompt={
            <div id="prompt-region" className="shrink-0 rounded-xl">
              <Boundary name="Prompt">
                <Prompt
                  page={page}
                  folded={layout.folded}
                  onFold={(folded) => arrange({ folded })}
                />
              </Boundary>
            </div>
          }
          heads={(shown) => <Heads page={shown} />}
        />
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
          <UndoButtons undo={page.undo} redo={page.redo} />
          <Boundary name="Export">
            <ExportMenu
              experiment={experiment}
              result={page.run.outdated ? null : page.run.state.result}
              scores={page.measurement.result}
            />
          </Boundary>
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

function Prompt({
  page,
  folded,
  onFold,
}: Props & { folded: boolean; onFold: (folded: boolean) => void }) {
  return (
    <PromptPanel
      folded={folded}
      onFold={onFold}
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
    />
  )
}
