import { useMemo, useState } from 'react'
import type { Answer } from '@/api/answer'
import type { AttentionResponse } from '@/api/types'
import { ChartFrame, type ChartState } from '@/charts/ChartFrame'
import { HeatMap, type HeatCell } from '@/charts/HeatMap'
import { attentionFraction } from '@/charts/heatDrawing'
import { HeatScale } from '@/charts/HeatScale'
import { useWidth } from '@/charts/useWidth'
import { patternTable, tellAttention, tellCell, tellMethod } from '@/lib/attention'
import { visible } from '@/lib/format'
import { headName, sameHead, type Head } from '@/lib/heads'
import type { Methods } from '@/lib/methods'
import { Term } from '@/ui/Term'

type Props = {
  query: Answer<AttentionResponse>
  /** The head asked for; what is shown says itself whose it is. */
  head: Head
  methods: Methods
}

const GAP = 24
const SIDE_BY_SIDE_FROM = 620

/** What a query may attend to. */
const causal = (pattern: readonly (readonly number[])[]) =>
  pattern.map((row, query) => row.slice(0, query + 1))

/** Control beside the pattern as used; one cursor reads both. */
export function PatternPair({ query, head, methods }: Props) {
  const { data, error, isPlaceholderData, refetch } = query
  const [active, setActive] = useState<HeatCell | null>(null)
  const { ref, width } = useWidth(900)
  const tokens = useMemo(() => data?.prompt_tokens.map(({ text }) => visible(text)) ?? [], [data])
  const axis = useMemo(() => ({ labels: tokens }), [tokens])
  const maps = useMemo(
    () => data && { control: causal(data.control), ablated: causal(data.ablated) },
    [data],
  )
  const cell = active && active.row < tokens.length ? active : null
  const each = width >= SIDE_BY_SIDE_FROM ? Math.floor((width - GAP) / 2) : width
  const isOfHead = data !== undefined && sameHead(data, head)
  const name = `Attention pattern of ${headName(head)}`
  const state: ChartState = error
    ? { kind: 'error', error, onRetry: () => void refetch() }
    : isOfHead
      ? { kind: 'ready', stale: isPlaceholderData }
      : { kind: 'loading' }

  return (
    <ChartFrame
      name={name}
      title={
        <>
          <Term id="pattern">Attention pattern</Term> of {headName(head)}
        </>
      }
      unit="share of each row"
      state={state}
      height={420}
      caption={isOfHead ? tellMethod(data, methods) : undefined}
      table={() => patternTable(data?.control ?? [], data?.ablated ?? [], tokens)}
    >
      {() =>
        data && (
          <div ref={ref} className="space-y-3">
            <HeatScale />
            <div className="flex flex-wrap" style={{ gap: GAP }}>
              {(['control', 'ablated'] as const).map((run) => (
                <div key={run}>
                  <h4
                    data-picture-text
                    className={
                      run === 'control'
                        ? 'mb-1 text-xs font-medium text-control'
                        : 'mb-1 text-xs font-medium text-ablated'
                    }
                  >
                    {run === 'control' ? 'Control' : 'As used under surgery'}
                  </h4>
                  <HeatMap
                    label={`${name}, ${run}`}
                    values={maps?.[run] ?? []}
                    rows={axis}
                    columns={axis}
                    place={attentionFraction}
                    active={cell}
                    onActive={setActive}
                    textOf={(at) => tellCell(data, tokens, at)}
                    width={each}
                  />
                </div>
              ))}
            </div>
            <p className="min-h-9 text-xs text-pretty text-ink-2">
              {cell
                ? `${tellCell(data, tokens, cell)} ${tellAttention(data.control, tokens, cell.row)}`
                : 'Rows read, columns are read: hover or use the arrow keys to read a cell.'}
            </p>
          </div>
        )
      }
    </ChartFrame>
  )
}
