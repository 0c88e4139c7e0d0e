import { useMemo, useState } from 'react'
import { ChartFrame, type ChartState } from '@/charts/ChartFrame'
import { Cursor } from '@/charts/Cursor'
import type { LegendItem } from '@/charts/types'
import { useWidth } from '@/charts/useWidth'
import { cutOf, tellEffect, type Cut, type Cuts } from '@/lib/cuts'
import { headName, type Head } from '@/lib/heads'
import { formatOf, type GridLayer } from '@/lib/layer'
import { pointsOf, tellCorrelation, type Point } from '@/lib/scatter'
import { spearman } from '@/lib/stats'
import { Button } from '@/ui/Button'
import { ScorePoints } from './ScorePoints'

type Props = {
  /** null while it is measured. */
  x: GridLayer | null
  y: GridLayer | null
  /** They are of before. */
  stale?: boolean
  error: unknown
  onRetry: () => void
  scale: 'linear' | 'log'
  cuts: Cuts
  /** What picking a head does, in a word and in a sentence. */
  pick: { readonly verb: string; readonly hint: string }
  onPick: (head: Head) => void
  /** Shows the head's attention pattern. */
  onInspect?: (head: Head) => void
  /** Both are of the same thing: a dashed line shows where they agree. */
  diagonal?: boolean
  /** What else is to be said under it. */
  note?: string
}

const LEGEND: readonly LegendItem[] = [
  { label: 'intact head', color: '--chart-control', mark: 'dot' },
  { label: 'cut head', color: '--cut', mark: 'cross' },
]

const titleOf = (score: GridLayer | null) => score?.name ?? '…'

const read = (score: GridLayer | null, value: number) => (score ? formatOf(score)(value) : '')

const numbersOf = ({ values }: GridLayer) => values.map((row) => row.map((value) => value ?? 0))

const tellCut = (cut: Cut | undefined) => (cut ? tellEffect(cut) : '')

/** The scatter in its frame; arrow keys walk the heads from the highest down, Enter picks. */
export function ScoreChart(props: Props) {
  const {
    x,
    y,
    error,
    onRetry,
    scale,
    cuts,
    pick,
    onPick,
    onInspect,
    note,
    diagonal = false,
    stale = false,
  } = props
  const [active, setActive] = useState<number | null>(null)
  const { ref, width } = useWidth()
  const points = useMemo(
    () => (x && y ? pointsOf(numbersOf(x), numbersOf(y)).sort((a, b) => b.y - a.y) : []),
    [x, y],
  )
  // Heads are ranked by size: a head that hurts matters as much as one that helps.
  const rho = useMemo(
    () =>
      spearman(
        points.map((p) => Math.abs(p.x)),
        points.map((p) => Math.abs(p.y)),
      ),
    [points],
  )
  const signed = points.some((p) => p.x < 0 || p.y < 0)
  const name = `${titleOf(y)} against ${titleOf(x)}`
  const state: ChartState = error
    ? { kind: 'error', error, onRetry }
    : x && y
      ? { kind: 'ready', stale }
      : { kind: 'loading' }
  const describe = ({ head, x: across, y: up }: Point) =>
    `${headName(head)}: ${titleOf(x)} ${read(x, across)}, ${titleOf(y)} ${read(y, up)}` +
    (cutOf(cuts, head) ? ', cut' : '')
  const current = active === null ? undefined : points[active]

  return (
    <ChartFrame
      name={name}
      unit={x?.unit && y?.unit ? `${y.unit} against ${x.unit}` : undefined}
      legend={cuts.length > 0 ? LEGEND : []}
      state={state}
      height={400}
      caption={[tellCorrelation(rho, points.length, signed), note].filter(Boolean).join(' ')}
      table={() => ({
        columns: ['Head', titleOf(x), titleOf(y), 'Cut'],
        rows: points.map((point) => [
          headName(point.head),
          read(x, point.x),
          read(y, point.y),
          tellCut(cutOf(cuts, point.head)),
        ]),
      })}
    >
      {() => (
        <div ref={ref}>
          <Cursor
            label={`${name}. Arrow keys walk the heads, Enter ${pick.verb}.`}
            count={points.length}
            index={active}
            onMove={setActive}
            onOpen={(index) => points[index] && onPick(points[index].head)}
            textOf={(index) => (points[index] ? describe(points[index]) : '')}
            className="rounded-md"
          >
            <ScorePoints
              points={points}
              cuts={cuts}
              scale={scale}
              xName={titleOf(x)}
              yName={titleOf(y)}
              xFormat={x ? formatOf(x) : undefined}
              yFormat={y ? formatOf(y) : undefined}
              diagonal={diagonal && scale === 'linear'}
              width={width}
              active={active}
              onActive={setActive}
              onPick={onPick}
            />
          </Cursor>
          <div
            data-no-picture
            className="flex min-h-8 flex-wrap items-center gap-x-2 text-xs text-ink-2"
          >
            {current ? describe(current) : pick.hint}
            {current && onInspect && (
              <Button size="small" look="quiet" onClick={() => onInspect(current.head)}>
                Its attention →
              </Button>
            )}
          </div>
        </div>
      )}
    </ChartFrame>
  )
}
