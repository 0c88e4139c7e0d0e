import { useMemo, useState } from 'react'
import type { Token } from '@/api/types'
import { ChartFrame, type ChartState } from '@/charts/ChartFrame'
import { HeatMap, type HeatCell } from '@/charts/HeatMap'
import { useWidth } from '@/charts/useWidth'
import { visibleAt } from '@/lib/format'
import type { Column } from '@/lib/pair'
import { DivergingScale } from './DivergingScale'

type Props = {
  name: string
  /** What the numbers are, e.g. “share of the logit difference restored”. */
  unit: string
  format: (value: number) => string
  columns: readonly Column<Token>[]
  /** [row][position]; null while not known. */
  values: readonly (readonly (number | null)[])[]
  rows: readonly string[]
  state: ChartState
  caption?: string
}

/** One activation patched at one position at a time: rows of heads or layers over the tokens. */
export function PositionMap(props: Props) {
  const { name, unit, format, columns, values, rows, state, caption } = props
  const [active, setActive] = useState<HeatCell | null>(null)
  const { ref, width } = useWidth(420)
  const tokens = useMemo(
    () =>
      columns.map(({ clean, corrupt, differs }, i) => {
        const [a, b] = [clean, corrupt].map((token) => visibleAt(token?.text ?? '', i))
        return differs ? `${a}→${b}` : (a ?? '')
      }),
    [columns],
  )
  const short = useMemo(
    () => ({ labels: columns.map(({ clean }, i) => visibleAt(clean?.text ?? '', i)) }),
    [columns],
  )
  const side = useMemo(() => ({ labels: rows }), [rows])
  const most = useMemo(
    () => values.flat().reduce<number>((m, value) => Math.max(m, Math.abs(value ?? 0)), 1e-9),
    [values],
  )
  const place = useMemo(() => (value: number) => value / most, [most])
  const cell =
    active && active.row < values.length && active.column < columns.length ? active : null
  const textOf = ({ row, column }: HeatCell) => {
    const value = values[row]?.[column]
    return `${rows[row]} at ${tokens[column]} (${column}): ${value == null ? 'not yet known' : format(value)}.`
  }
  return (
    <ChartFrame
      name={name}
      unit={unit}
      state={state}
      height={rows.length * 20 + 100}
      caption={caption}
      table={() => ({
        columns: ['Position', ...rows],
        rows: tokens.map((token, i) => [
          `${i} ${token}`,
          ...values.map((row) => (row[i] == null ? '' : format(row[i]))),
        ]),
      })}
    >
      {() => (
        <div ref={ref} className="grid grid-cols-[minmax(0,1fr)] gap-2">
          <HeatMap
            label={name}
            values={values}
            rows={side}
            columns={short}
            place={place}
            signed
            active={cell}
            onActive={setActive}
            textOf={textOf}
            width={width}
          />
          <DivergingScale most={most} format={format} />
          <p data-no-picture className="min-h-5 text-xs text-ink-2">
            {cell ? textOf(cell) : 'Hover or use the arrow keys to read a position.'}
          </p>
        </div>
      )}
    </ChartFrame>
  )
}
