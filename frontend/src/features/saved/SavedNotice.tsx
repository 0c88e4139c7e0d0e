import type { InferResponse, ModelInfo, SavedExperiment } from '@/api/types'
import { day } from '@/lib/format'
import { Button } from '@/ui/Button'
import { runOf } from './results'
import { tellComputed, tellModel } from './since'

type Props = {
  saved: SavedExperiment
  models: readonly ModelInfo[]
  /** The page shows what was saved, not something made of it. */
  isThen: boolean
  /** The same asked again. */
  again: { running: boolean; result: InferResponse | null } | null
  onShow: () => void
  onCompute: () => void
  onClose: () => void
}

/** Whose numbers these are, and whether the model still is what it was. */
export function SavedNotice(props: Props) {
  const { saved, models, isThen, again, onShow, onCompute, onClose } = props
  const { changed, sentence } = tellModel(saved.results, models)
  const whose = !isThen
    ? 'You have changed it since; what changed is computed now.'
    : again === null
      ? `The numbers are those saved on ${day(saved.saved)}.`
      : tellComputed(runOf(saved.results), again.running ? null : again.result)
  return (
    <section
      aria-label="Saved experiment"
      className="flex flex-wrap items-center gap-x-4 gap-y-1.5 rounded-lg border border-line bg-surface px-3 py-2 text-sm"
    >
      <div className="min-w-0 flex-1 basis-72">
        <p className="truncate font-medium text-ink">
          <bdi>{saved.title}</bdi>
        </p>
        {saved.note && (
          <p className="max-h-16 overflow-y-auto text-xs wrap-anywhere whitespace-pre-line text-ink-2">
            <bdi>{saved.note}</bdi>
          </p>
        )}
        <p role="status" className="text-xs text-ink-2">
          {whose} <span className={changed ? 'font-medium text-warn' : ''}>{sentence}</span>
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-1.5">
        {isThen ? (
          <Button size="small" onClick={onCompute}>
            Compute again
          </Button>
        ) : (
          <Button size="small" onClick={onShow}>
            Show what was saved
          </Button>
        )}
        <Button size="small" look="quiet" onClick={onClose} aria-label="Close the saved experiment">
          Close
        </Button>
      </div>
    </section>
  )
}
