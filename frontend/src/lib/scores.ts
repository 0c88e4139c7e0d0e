import { cutOf, type Cuts } from './cuts'
import type { Metric, Score } from './experiment'
import { number } from './format'
import { headName, type Head } from './heads'
import { valueAt, type GridLayer } from './layer'

export type ScoreMethod = Exclude<Score, 'none'>

/** Scores of all heads, [layer][head]; null where not yet known. */
export type ScoreTable = {
  readonly method: ScoreMethod
  /** What the score is of; null where it measures no metric. */
  readonly metric: Metric | null
  readonly unit: string
  /** How many cuts the scored model had already. */
  readonly given: number
  readonly values: readonly (readonly (number | null)[])[]
}

export const SCORE_NAMES: Record<ScoreMethod, string> = {
  gradient: 'Gradient',
  attribution: 'Attribution',
  l2: 'L2',
  ablation: 'Ablation',
}

export const METRIC_NAMES: Record<Metric, string> = {
  kl: 'KL',
  loss: 'loss',
  logit_difference: 'logit difference',
  probability: 'probability',
  log_probability: 'log-probability',
  probability_difference: 'probability difference',
}

/** “KL”, “Ablation, logit difference”, “Gradient”: what the numbers of a table are called. */
export function scoreName({ method, metric }: Pick<ScoreTable, 'method' | 'metric'>): string {
  if (method === 'ablation' && (metric ?? 'kl') === 'kl') return 'KL'
  const isStandard = metric === null || (method !== 'ablation' && metric === 'loss')
  return isStandard ? SCORE_NAMES[method] : `${SCORE_NAMES[method]}, ${METRIC_NAMES[metric]}`
}

/** Some tell apart help and harm; the others are sizes. */
export const isSigned = ({ method, metric }: Pick<ScoreTable, 'method' | 'metric'>): boolean =>
  method === 'attribution' || (method === 'ablation' && (metric ?? 'kl') !== 'kl')

/** What the two ends of a signed score mean; sizes need no words. */
function endsOf({ method, metric }: ScoreTable): string {
  if (method === 'attribution' && (metric ?? 'loss') === 'loss') return '− hurts · helps +'
  if (method === 'attribution') return 'estimated change, sign as the server defines it'
  return '− cutting lowers it · raises it +'
}

const tellGiven = (cuts: number): string[] =>
  cuts === 0 ? [] : [`given the present ${cuts === 1 ? 'cut' : `${cuts} cuts`}`]

/** The scores as colours of the grid. */
export const scoreLayer = (table: ScoreTable): GridLayer => ({
  name: scoreName(table),
  unit: table.unit,
  values: table.values,
  signed: isSigned(table),
  // Norms lie close together: their order spreads over all colours where their size would not.
  spread: table.method === 'ablation' || table.method === 'attribution' ? 'cube-root' : 'rank',
  ...(isSigned(table) && { ends: endsOf(table) }),
  notes: tellGiven(table.given),
})

/** The intact head whose score rose most by the cuts: it backs the cut ones up. */
function mostRisen(alone: ScoreTable, given: ScoreTable, cuts: Cuts) {
  const rises = alone.values.flatMap((row, layer) =>
    row.flatMap((before, head) => {
      const after = valueAt(given, { layer, head })
      if (before === null || after === null || cutOf(cuts, { layer, head })) return []
      return [{ head: { layer, head }, before, after }]
    }),
  )
  return rises.reduce<{ head: Head; before: number; after: number } | null>(
    (most, rise) =>
      Math.abs(rise.after) - Math.abs(rise.before) >
      (most ? Math.abs(most.after) - Math.abs(most.before) : 0)
        ? rise
        : most,
    null,
  )
}

/** What single scores hide, in one sentence; null where there is nothing to say. */
export function tellRedundancy(
  alone: ScoreTable | null,
  given: ScoreTable | null,
  cuts: Cuts,
): string | null {
  if (cuts.length === 0) return null
  if (!given) {
    return cuts.length < 2
      ? null
      : 'These scores are of the intact model, one head at a time: heads that stand in for each other look unimportant. Score given the cuts to see what matters now.'
  }
  const most = alone && mostRisen(alone, given, cuts)
  if (!most || Math.abs(most.after) < 2 * Math.abs(most.before)) return null
  const { head, before, after } = most
  const times = before === 0 ? '' : `, ${number(Math.abs(after / before))}× as much`
  return `${headName(head)} matters more now that others are cut: ${number(before)} alone, ${number(after)} given the cuts${times}. It backs them up.`
}
