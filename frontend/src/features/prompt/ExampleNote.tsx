import type { Example } from '@/api/types'
import type { Cuts } from '@/lib/cuts'
import { headName } from '@/lib/heads'
import { Button } from '@/ui/Button'
import { cutsOf, isSameCut } from './example'

type Props = { example: Example; cuts: Cuts; onCut: (cuts: Cuts) => void }

/** What the chosen example shows, and the cut that shows it. */
export function ExampleNote({ example, cuts, onCut }: Props) {
  const suggested = cutsOf(example)
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg bg-control-soft px-3 py-2 text-[0.8125rem] text-ink-2">
      <p className="min-w-0 flex-1 basis-72 text-pretty">
        <strong className="font-semibold text-ink">
          {example.title.replace(/([^.?!])$/, '$1.')}
        </strong>{' '}
        {example.explanation}
      </p>
      {suggested.length > 0 && !isSameCut(suggested, cuts) && (
        <Button size="small" onClick={() => onCut(suggested)}>
          Cut{' '}
          {suggested.length > 3 ? `these ${suggested.length}` : suggested.map(headName).join(', ')}
        </Button>
      )}
    </div>
  )
}
