import { standardMetric } from '@/api/requests'
import { METRICS, SCORES, type Experiment, type Metric, type Score } from '@/lib/experiment'
import type { TermId } from '@/lib/terms'
import { METRIC_NAMES, SCORE_NAMES, type ScoreMethod } from '@/lib/scores'
import { Segmented } from '@/ui/Segmented'
import { Term } from '@/ui/Term'
import { Toggle } from '@/ui/Toggle'
import { TokenPair, type Suggested } from './TokenPair'

const terms: Record<ScoreMethod, TermId> = {
  gradient: 'gradient',
  attribution: 'attribution',
  l2: 'l2',
  ablation: 'klScore',
}

const options = SCORES.map((id) => ({ id, label: id === 'none' ? 'None' : SCORE_NAMES[id] }))

type Props = {
  experiment: Experiment
  /** The first choices of control and ablated. */
  suggested: Suggested
  onUpdate: (patch: Partial<Experiment>, options?: { typing?: boolean }) => void
}

/** KL needs two runs to compare; a derivative has but one. */
const metricsFor = (score: ScoreMethod): readonly Metric[] =>
  score === 'ablation' ? METRICS : METRICS.filter((metric) => metric !== 'kl')

/** Which importance colours the grid, of what, and of which model: intact or as it is now cut. */
export function ScorePicker({ experiment, suggested, onUpdate }: Props) {
  const { score, metric, answer, foil, given } = experiment
  const chooseScore = (next: Score) =>
    onUpdate({
      score: next,
      ...(metric === 'kl' || (next !== 'none' && standardMetric(next) === null)
        ? { metric: null }
        : {}),
    })
  return (
    <div className="grid min-w-0 gap-1.5">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <p className="flex w-16 gap-1 text-xs text-ink-2 @max-sm:w-auto">
          Colour {score !== 'none' && <Term id={terms[score]}>?</Term>}
        </p>
        <Segmented label="Colour by" value={score} onChange={chooseScore} options={options} />
      </div>
      {score !== 'none' && (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-2 @max-sm:gap-x-3">
          {standardMetric(score) !== null && (
            <label className="flex items-center gap-2">
              <span className="w-16 @max-sm:w-auto">of</span>
              <select
                aria-label="Metric"
                value={metric ?? standardMetric(score) ?? ''}
                onChange={(event) => {
                  const chosen = event.target.value as Metric
                  onUpdate({
                    metric: chosen === standardMetric(score) ? null : chosen,
                    answer: answer ?? suggested.answer,
                    foil: foil ?? suggested.foil,
                  })
                }}
                className="h-8 rounded-md border border-line-strong bg-surface px-1.5 text-xs text-ink pointer-coarse:h-11"
              >
                {metricsFor(score).map((id) => (
                  <option key={id} value={id}>
                    {METRIC_NAMES[id]}
                  </option>
                ))}
              </select>
            </label>
          )}
          <span className="flex items-center gap-1.5">
            <Toggle
              label={<span className="text-xs">given the cuts</span>}
              checked={given}
              onChange={(next) => onUpdate({ given: next })}
            />
            <Term id="given">?</Term>
          </span>
        </div>
      )}
      {score !== 'none' && metric !== null && (
        <TokenPair
          metric={metric}
          answer={answer}
          foil={foil}
          suggested={suggested}
          onUpdate={onUpdate}
        />
      )}
    </div>
  )
}
