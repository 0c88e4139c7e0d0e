import { SCORES, type Score } from '@/lib/experiment'
import type { TermId } from '@/lib/glossary'
import { SCORE_NAMES } from '@/lib/scores'
import { Segmented } from '@/ui/Segmented'
import { Term } from '@/ui/Term'

const terms: Record<Exclude<Score, 'none'>, TermId> = {
  gradient: 'gradient',
  attribution: 'attribution',
  l2: 'l2',
  kl: 'klScore',
}

const options = SCORES.map((id) => ({ id, label: id === 'none' ? 'None' : SCORE_NAMES[id] }))

type Props = { score: Score; onScore: (score: Score) => void }

/** Which importance colours the grid. */
export function ScorePicker({ score, onScore }: Props) {
  return (
    <div className="min-w-0">
      <p className="mb-1 text-xs text-ink-2">
        Colour by {score === 'none' ? 'importance' : <Term id={terms[score]} />}
      </p>
      <Segmented label="Colour by" value={score} onChange={onScore} options={options} />
    </div>
  )
}
