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
  onUndo: (() => void) | null
  onRedo: (() => void) | null
}

export function GridPanel(props: Props) {
  const { experiment, shape, scores, onCutsChange, onUpdate, onInspect } = props
  const { cuts, method } = experiment
  const isKnown = scores !== null && largest(scores) > 0
  const [pointed, setPointed] = useState<Head | null>(null)
  return (
    <Panel
      title={<Term id="head">Attention heads</Term>}
      note={`${shape.nLayers} layers × ${shape.nHeads} heads. Click to cut, drag to paint; headers cut a row or column.`}
    >
      <div className="grid gap-4">
        <div className="flex flex-wrap gap-x-5 gap-y-3">
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
        <div className="grid min-h-16 grid-cols-[1fr_auto] content-start items-start gap-x-5 gap-y-0.5">
          <div className="min-w-0">
            {isKnown && <Legend scores={scores} value={pointed && valueAt(scores, pointed)} />}
          </div>
          <p className="tabular min-h-5 min-w-32 text-right font-mono text-xs text-ink-2">
            {pointed ? readout(pointed, scores, cutOf(cuts, pointed)) : `${cuts.length} cut`}
          </p>
          <div className="col-span-2 min-w-0">
            {props.scoreStatus ?? (isKnown && <LegendNote scores={scores} />)}
          </div>
        </div>
        <GridTools
          nHeads={shape.nLayers * shape.nHeads}
          onTop={props.onTop}
          topPending={props.topPending}
          onClear={cuts.length ? () => onCutsChange([]) : null}
          onInvert={() => onCutsChange(invert(cuts, shape, method))}
          onUndo={props.onUndo}
          onRedo={props.onRedo}
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
