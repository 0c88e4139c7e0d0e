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
    <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
      <p className="flex w-16 gap-1 text-xs text-ink-2">
        Colour {score !== 'none' && <Term id={terms[score]}>?</Term>}
      </p>
      <Segmented label="Colour by" value={score} onChange={onScore} options={options} />
    </div>
  )
}
