import { useState, type ReactNode } from 'react'
import { invert, withMethod, withoutHeads, type Cuts } from '@/lib/cuts'
import type { Experiment } from '@/lib/experiment'
import { cutOf, type GridShape, type Head } from '@/lib/heads'
import { largest, readout, valueAt, type ScoreTable } from '@/lib/scores'
import { Panel } from '@/ui/Panel'
import { Term } from '@/ui/Term'
import { CutChips } from './CutChips'
import { GridTools } from './GridTools'
import { HeadGrid } from './HeadGrid'
import { Legend, LegendNote } from './Legend'
import { MethodPicker } from './MethodPicker'

type Props = {
  experiment: Experiment
  shape: GridShape
  scores: ScoreTable | null
  scoresStale: boolean
  /** Chooses the score. */
  scorePicker: ReactNode
  /** How the measurement goes, where there is something to say. */
  scoreStatus: ReactNode | null
  onCutsChange: (cuts: Cuts, patch?: Partial<Experiment>) => void
  onUpdate: (patch: Partial<Experiment>) => void
  onInspect: (head: Head) => void
  onTop: (k: number) => void
  topPending: boolean
}

export function GridPanel(props: Props) {
  const { experiment, shape, scores, onCutsChange, onUpdate, onInspect } = props
  const { cuts, method } = experiment
  const isKnown = scores !== null && largest(scores) > 0
  const [pointed, setPointed] = useState<Head | null>(null)
  return (
    <Panel
      title={<Term id="head">Attention heads</Term>}
      actions={
        <p className="tabular min-h-4.5 text-right text-xs text-ink-3">
          {pointed
            ? readout(pointed, scores, cutOf(cuts, pointed))
            : `${cuts.length} cut · click or drag to cut`}
        </p>
      }
      className="overflow-y-auto sm:p-4! lg:h-full"
    >
      <div className="grid gap-2.5">
        <div className="flex flex-wrap gap-x-5 gap-y-1.5">
          {props.scorePicker}
          <MethodPicker value={method} onChange={(next) => onUpdate({ method: next })} />
        </div>
        <HeadGrid
          shape={shape}
          cuts={cuts}
          method={method}
          scores={scores}
          stale={props.scoresStale}
          inspected={experiment.focus}
          onCutsChange={(next, head) => onCutsChange(next, { focus: head })}
          onInspect={onInspect}
          onPoint={setPointed}
        />
        <div className="grid min-h-9 grid-cols-[minmax(8rem,1fr)_auto] items-start gap-x-4">
          <div className="min-w-0">
            {isKnown && <Legend scores={scores} value={pointed && valueAt(scores, pointed)} />}
          </div>
          {props.scoreStatus ?? (isKnown && <LegendNote scores={scores} />)}
        </div>
        <GridTools
          nHeads={shape.nLayers * shape.nHeads}
          onTop={props.onTop}
          topPending={props.topPending}
          onClear={cuts.length ? () => onCutsChange([]) : null}
          onInvert={() => onCutsChange(invert(cuts, shape, method))}
        />
        <CutChips
          cuts={cuts}
          onRemove={(head) => onCutsChange(withoutHeads(cuts, [head]))}
          onMethod={(head, next) => onCutsChange(withMethod(cuts, head, next))}
          onInspect={onInspect}
        />
      </div>
    </Panel>
  )
}
