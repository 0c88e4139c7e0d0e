import { useCallback, useMemo, useState } from 'react'
import type { Answer } from '@/api/answer'
import type { LogitLensResponse } from '@/api/types'
import { cellOf, readCell, type LensView } from '@/lib/lensCells'
import { visible } from '@/lib/format'
import { Button } from '@/ui/Button'
import { Cover } from '@/ui/Cover'
import { ErrorNote } from '@/ui/ErrorNote'
import { Segmented } from '@/ui/Segmented'
import { Skeleton } from '@/ui/Skeleton'
import { LensTable } from './LensTable'

type Props = {
  /** The lens at all positions of the window. */
  query: Answer<LogitLensResponse>
  position: number
  /** Tokens of the whole text. */
  length: number
  cutLayers: readonly number[]
  layer: number | null
  onSelect: (position: number) => void
}

const VIEWS = [
  { id: 'difference', label: 'Difference' },
  { id: 'control', label: 'Control' },
  { id: 'ablated', label: 'Ablated' },
] as const

const LEGENDS: Record<LensView, string> = {
  control:
    'Each cell is the token the control run would say if it stopped after that layer; the stronger the shade, the surer.',
  ablated:
    'Each cell is the token the ablated run would say if it stopped after that layer; the stronger the shade, the surer.',
  difference:
    'Tint: how the probability of the token below moved, amber up, blue down. Where the first choice differs, the cell shows the ablated run’s.',
}

/** Layers × positions: the first choice everywhere, to find where something happens. */
export function LensOverview({ query, position, length, cutLayers, layer, onSelect }: Props) {
  const [chosenView, setView] = useState<LensView | null>(null)
  // Without a cut there is no difference to see.
  const view = chosenView ?? (cutLayers.length > 0 ? 'difference' : 'control')
  const [read, setRead] = useState<{ layer: number; column: number } | null>(null)
  const { data: lens, error, isPlaceholderData, refetch } = query
  const cells = useMemo(
    () => lens?.layers.map((_, l) => lens.positions.map((_, c) => cellOf(lens, view, l, c))) ?? [],
    [lens, view],
  )
  const selectColumn = useCallback(
    (column: number) => onSelect(lens?.positions[column] ?? 0),
    [lens, onSelect],
  )
  const first = lens?.positions[0] ?? 0
  const last = lens?.positions.at(-1) ?? 0
  const reading = lens && read && read.column < lens.positions.length ? read : null

  return (
    <section aria-label="All positions" className="min-w-0">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h3 className="text-sm font-medium text-ink">Layer by layer, all positions</h3>
        <div className="flex flex-wrap items-center gap-2">
          {lens && lens.positions.length < length && (
            <>
              <Button
                size="small"
                disabledReason={first === 0 && 'These are the first tokens.'}
                onClick={() => onSelect(first - 1)}
              >
                ← Earlier
              </Button>
              <span className="tabular text-xs text-ink-3">
                {first}–{last} of {length}
              </span>
              <Button
                size="small"
                disabledReason={last + 1 >= length && 'These are the last tokens.'}
                onClick={() => onSelect(last + 1)}
              >
                Later →
              </Button>
            </>
          )}
          <Segmented
            label="Which run the table shows"
            options={VIEWS}
            value={view}
            onChange={setView}
          />
        </div>
      </div>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!lens && !error && <Skeleton label="The table is loading" className="h-80" />}
      {lens && (
        <Cover when={isPlaceholderData} soon note="The lens is being read.">
          <LensTable
            lens={lens}
            cells={cells}
            chosen={lens.positions.indexOf(position)}
            cutLayers={cutLayers}
            highlighted={layer}
            onRead={setRead}
            onSelect={selectColumn}
          />
          <p aria-live="polite" className="mt-2 min-h-9 text-xs text-pretty text-ink-2">
            {reading
              ? `${lens.layers[reading.layer]}, after “${visible(lens.prompt_tokens[lens.positions[reading.column] ?? 0]?.text ?? '')}”: ${readCell(lens, reading.layer, reading.column)}`
              : LEGENDS[view]}
          </p>
        </Cover>
      )}
    </section>
  )
}
