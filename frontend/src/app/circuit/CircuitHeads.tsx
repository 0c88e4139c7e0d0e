import { useMemo } from 'react'
import { CircuitGrid } from '@/features/grid/CircuitGrid'
import { MarksBar } from '@/features/marks/MarksBar'
import { useMarks } from '@/features/marks/useMarks'
import { allHeads } from '@/lib/cuts'
import { effectLayer, joinMarks, spareMarks, tellCircuit, toggled } from '@/lib/circuit'
import { ordered } from '@/lib/circuitLink'
import { headName, type Head } from '@/lib/heads'
import { Button } from '@/ui/Button'
import { Panel } from '@/ui/Panel'
import { EverythingBut } from './EverythingBut'
import type { Circuit } from './useCircuit'

const SHOWN = 16

/** The grid on which heads are put together, and what is done with them. */
export function CircuitHeads({ circuit }: { circuit: Circuit }) {
  const { question, shape, heads, model, measures, update } = circuit
  const marks = useMarks(question.marks, model)
  const { minimality, now, unit } = measures
  const layer = useMemo(
    () => minimality && effectLayer(minimality, unit, shape),
    [minimality, unit, shape],
  )
  const spare = useMemo(
    () => (now.minimality ? spareMarks(now.minimality.superfluous) : null),
    [now.minimality],
  )
  const nAll = shape.nLayers * shape.nHeads
  const change = (next: readonly Head[]) => update({ heads: ordered(next) }, { push: true })
  return (
    <Panel
      title="Circuit"
      titleHidden
      className="grid grid-cols-[minmax(0,1fr)] content-start gap-3 overflow-y-auto px-2! sm:p-4! lg:h-full"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <p role="status" className="text-sm font-medium">
          {tellCircuit(heads.length, nAll)}
        </p>
        <div className="flex flex-wrap gap-1">
          <Button
            size="small"
            look="quiet"
            onClick={() => change([])}
            disabledReason={heads.length === 0 && 'No head is in it.'}
          >
            Clear
          </Button>
          <Button
            size="small"
            look="quiet"
            title="Take in what is outside, and take out what is in"
            onClick={() => change(toggledAll(heads, allHeads(shape)))}
          >
            Invert
          </Button>
        </div>
      </div>
      <CircuitGrid
        shape={shape}
        heads={heads}
        layer={layer}
        stale={now.minimality === null}
        marks={joinMarks(marks.marks, spare)}
        focus={question.focus}
        onChange={change}
        onInspect={(focus) => update({ focus })}
      >
        <MarksBar
          value={question.marks}
          view={marks}
          onChange={(next) => update({ marks: next })}
        />
      </CircuitGrid>
      {heads.length > 0 && (
        <ul aria-label="Heads of the circuit" className="flex flex-wrap gap-1.5">
          {heads.slice(0, SHOWN).map((head) => (
            <li
              key={headName(head)}
              className="flex items-stretch rounded-md border border-control/50 bg-control-soft text-xs pointer-coarse:min-h-10"
            >
              <button
                type="button"
                onClick={() => update({ focus: head })}
                title={`Look at ${headName(head)}`}
                className="px-2 py-1 font-mono font-medium text-ink -outline-offset-2 hover:underline"
              >
                {headName(head)}
              </button>
              <Button
                look="chip"
                aria-label={`Take ${headName(head)} out`}
                onClick={() => change(toggled(heads, [head]))}
              >
                ×
              </Button>
            </li>
          ))}
          {heads.length > SHOWN && (
            <li className="px-1 py-1 text-xs text-ink-3">and {heads.length - SHOWN} more</li>
          )}
        </ul>
      )}
      <EverythingBut circuit={circuit} />
    </Panel>
  )
}

const toggledAll = (heads: readonly Head[], all: readonly Head[]): Head[] =>
  all.filter((head) => !heads.some((other) => headName(other) === headName(head)))
