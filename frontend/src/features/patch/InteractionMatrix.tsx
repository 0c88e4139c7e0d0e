import { useMemo, useState } from 'react'
import { ChartFrame } from '@/charts/ChartFrame'
import { HeatMap, type HeatCell } from '@/charts/HeatMap'
import { useWidth } from '@/charts/useWidth'
import { signed } from '@/lib/format'
import { headName, type Head } from '@/lib/heads'
import type { Interactions } from '@/lib/interactions'
import { DivergingScale } from './DivergingScale'

type Props = {
  known: Interactions
  unit: string
  /** More pairs are to come. */
  partly: boolean
  onOpen: (head: Head) => void
}

const ROWS = 200

/** All pairs of heads as a matrix; a press looks at the head of the row. */
export function InteractionMatrix({ known, unit, partly, onOpen }: Props) {
  const { heads, interactions } = known
  const [active, setActive] = useState<HeatCell | null>(null)
  const { ref, width } = useWidth(420)
  const names = useMemo(() => heads.map(headName), [heads])
  const axis = useMemo(
    () => ({
      labels: names,
      sparse: (index: number) => (heads[index]?.head === 0 ? `L${heads[index].layer}` : null),
    }),
    [names, heads],
  )
  const most = useMemo(
    () => interactions.flat().reduce<number>((m, value) => Math.max(m, Math.abs(value ?? 0)), 1e-9),
    [interactions],
  )
  // A few pairs tower over the rest, and the rest should show too.
  const place = useMemo(() => (value: number) => Math.cbrt(value / most), [most])
  const textOf = ({ row, column }: HeatCell) => {
    const value = interactions[row]?.[column]
    const pair = `${names[row]} and ${names[column]}`
    if (row === column) return `${names[row]} with itself: there is nothing to ask.`
    return value == null
      ? `${pair}: not yet known.`
      : `${pair}: ${signed(value)} ${unit}`.trimEnd() + '.'
  }
  const strongest = () =>
    interactions
      .flatMap((row, i) =>
        row.flatMap((value, j) => (j > i && value !== null ? [{ i, j, value }] : [])),
      )
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
      .slice(0, ROWS)
  return (
    <ChartFrame
      name="Interactions of all pairs of heads"
      unit={[unit, 'cube-root scale'].filter(Boolean).join(', ')}
      height={460}
      caption={
        partly ? 'Pairs still to come are open.' : `The table has the ${ROWS} strongest pairs.`
      }
      table={() => ({
        columns: ['First', 'Second', 'Interaction'],
        rows: strongest().map(({ i, j, value }) => [names[i] ?? '', names[j] ?? '', signed(value)]),
      })}
    >
      {() => (
        <div ref={ref} className="grid grid-cols-[minmax(0,1fr)] gap-2">
          <HeatMap
            label="Interactions of all pairs of heads"
            values={interactions}
            rows={axis}
            columns={axis}
            place={place}
            signed
            active={active}
            onActive={setActive}
            onOpen={({ row }) =>
              heads[row] && onOpen({ layer: heads[row].layer, head: heads[row].head })
            }
            textOf={textOf}
            width={width}
          />
          <DivergingScale most={most} format={signed} place={(step) => Math.cbrt(step)} />
          <p data-no-picture className="min-h-5 text-xs text-ink-2">
            {active ? textOf(active) : 'Hover or use the arrow keys to read a pair.'}
          </p>
        </div>
      )}
    </ChartFrame>
  )
}
