import type { ReactNode } from 'react'
import { Gauge } from '@/charts/Gauge'
import type { Measured } from '@/lib/circuit'
import { tellShare } from '@/lib/circuit'
import { unbroken } from '@/lib/quotes'
import type { TermId } from '@/lib/terms'
import { cx } from '@/ui/cx'
import { Skeleton } from '@/ui/Skeleton'
import { Term } from '@/ui/Term'

type Card = {
  readonly term: TermId
  readonly title: string
  /** What it asks. */
  readonly question: string
  readonly measured: Measured | null
  /** Said while it is not measured. */
  readonly waiting: string
  /** What it says is of before, or of few items only. */
  readonly stale: boolean
  readonly note: ReactNode
  /** How far it is, while it is being measured: in place of the question. */
  readonly working?: ReactNode
  readonly action?: ReactNode
}

/** The three measures side by side, each on its scale with what chance does. */
export function MeasureCards({ cards }: { cards: readonly Card[] }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2.5 sm:grid-cols-3">
      {cards.map(({ title, term, question, measured, waiting, stale, note, working, action }) => (
        <section
          key={title}
          aria-label={title}
          className="@container min-w-0 rounded-xl border border-line bg-surface px-3 py-2.5"
        >
          <div className="flex min-h-6 flex-wrap items-center justify-between gap-x-2">
            <h2 className="text-xs text-ink-2">
              <Term id={term}>{title}</Term>{' '}
              {!working && (
                <span className="hidden text-ink-3 @min-[14rem]:inline">{question}</span>
              )}
            </h2>
            <div className="flex flex-wrap items-center gap-x-2 text-xs text-ink-3">
              {note}
              {working}
            </div>
          </div>
          {measured ? (
            <div className={cx('transition-opacity', stale && 'opacity-55')}>
              <p className="tabular mt-0.5 text-2xl leading-tight font-semibold tracking-tight">
                {measured.headline}
              </p>
              <Gauge
                label={`${title}: ${measured.headline}. ${measured.text}`}
                values={measured.values}
                interval={measured.interval}
                random={measured.random}
                marks={measured.marks}
                format={tellShare}
              />
              {/* Room for what is said in most cases: what is below stays where it is. */}
              <p className="text-xs text-pretty text-ink-2 sm:min-h-16">
                {unbroken(measured.text)}
              </p>
              {action}
            </div>
          ) : (
            <Skeleton label={waiting} className="mt-2 h-28" />
          )}
        </section>
      ))}
    </div>
  )
}
