import { useContext, useId, useRef, useState, type ReactNode } from 'react'
import { unbroken } from '@/lib/quotes'
import { Button } from '@/ui/Button'
import { Cover } from '@/ui/Cover'
import { EmptyNote } from '@/ui/EmptyNote'
import { ErrorNote } from '@/ui/ErrorNote'
import { Skeleton } from '@/ui/Skeleton'
import { cx } from '@/ui/cx'
import { DataTable } from './DataTable'
import { LegendMark } from './LegendMark'
import { PictureNote } from './pictureNote'
import { downloadPng, downloadSvg } from './png'
import type { ChartTable, LegendItem } from './types'

export type ChartState =
  | { readonly kind: 'ready'; readonly stale?: boolean }
  | { readonly kind: 'loading' }
  | { readonly kind: 'empty'; readonly note: ReactNode }
  | { readonly kind: 'error'; readonly error: unknown; readonly onRetry?: () => void }

const READY: ChartState = { kind: 'ready' }
const OF_BEFORE = 'These numbers are of before; new ones are on their way.'

type Props = {
  /** Plain words: heading, name of the figure, of its table and of its file. */
  name: string
  /** What is measured in what, e.g. "nats". */
  unit?: string
  /** The heading itself where it should explain itself, e.g. a <Term>. */
  title?: ReactNode
  legend?: readonly LegendItem[]
  /** Controls of this chart, right of its title. */
  actions?: ReactNode
  /** One sentence under the chart. */
  caption?: string
  state?: ChartState
  /** Its one drawing can be saved as SVG too. */
  svg?: boolean
  /** Called when the table is shown. */
  table: () => ChartTable
  /** Height of the place kept while loading. */
  height: number
  /** Called when ready. */
  children: () => ReactNode
  className?: string
}

/** The frame around every chart: title, unit, legend, states, table and picture of the same numbers. */
export function ChartFrame(props: Props) {
  const { name, unit, title, legend = [], actions, caption, height, children, className } = props
  const { state = READY, table, svg = false } = props
  const [showTable, setShowTable] = useState(false)
  const plot = useRef<HTMLDivElement>(null)
  const id = useId()
  const ready = state.kind === 'ready'

  const note = useContext(PictureNote)
  const [failure, setFailure] = useState<unknown>(null)

  async function save() {
    if (!plot.current) return
    try {
      await downloadPng(plot.current, {
        name,
        unit,
        legend,
        caption: [caption, note].filter(Boolean).join(' '),
      })
      setFailure(null)
    } catch (error) {
      setFailure(error)
    }
  }

  return (
    <figure aria-labelledby={id} className={cx('min-w-0', className)}>
      <div className="mb-1.5 flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <h3 id={id} className="text-sm font-medium text-ink">
          {title ?? name}
          {unit && <span className="font-normal text-ink-3"> · {unit}</span>}
        </h3>
        <div className="flex flex-wrap items-center gap-1">
          {actions}
          {ready && (
            <>
              <Button
                look="quiet"
                size="small"
                aria-pressed={showTable}
                aria-label={`${name}: show table`}
                onClick={() => setShowTable(!showTable)}
              >
                {showTable ? 'Chart' : 'Table'}
              </Button>
              {!showTable && svg && (
                <Button
                  look="quiet"
                  size="small"
                  aria-label={`${name}: download SVG`}
                  disabledReason={state.stale && OF_BEFORE}
                  onClick={() => plot.current && downloadSvg(plot.current, name)}
                >
                  SVG
                </Button>
              )}
              {!showTable && (
                <Button
                  look="quiet"
                  size="small"
                  aria-label={`${name}: download PNG`}
                  disabledReason={state.stale && OF_BEFORE}
                  onClick={() => void save()}
                >
                  PNG
                </Button>
              )}
            </>
          )}
        </div>
      </div>
      {ready && !showTable && legend.length > 0 && <Legend items={legend} />}
      {state.kind === 'loading' && (
        <div style={{ height }}>
          <Skeleton label={`${name} is loading`} className="h-full" />
        </div>
      )}
      {state.kind === 'empty' && <EmptyNote>{state.note}</EmptyNote>}
      {state.kind === 'error' && <ErrorNote error={state.error} onRetry={state.onRetry} />}
      {ready && showTable && <DataTable name={name} table={table()} />}
      {ready && !showTable && (
        <Cover when={state.stale ?? false} soon note={`${name}: the new numbers are on their way.`}>
          <div ref={plot} className="relative">
            {children()}
          </div>
        </Cover>
      )}
      {failure !== null && <ErrorNote error={failure} onRetry={() => void save()} />}
      {ready && caption && (
        <figcaption className="mt-1.5 text-xs text-pretty text-ink-3">
          {unbroken(caption)}
        </figcaption>
      )}
    </figure>
  )
}

function Legend({ items }: { items: readonly LegendItem[] }) {
  return (
    <ul className="mb-1 flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2">
      {items.map((item) => (
        <li key={item.label} className="flex items-center gap-1.5">
          <LegendMark {...item} />
          {item.label}
        </li>
      ))}
    </ul>
  )
}
