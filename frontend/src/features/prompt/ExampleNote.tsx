import type { Example } from '@/api/types'
import type { Cuts } from '@/lib/cuts'
import { byPosition, cutOf, headName } from '@/lib/heads'
import { Button } from '@/ui/Button'

type Props = { example: Example; cuts: Cuts; onCut: (cuts: Cuts) => void }

/** What the chosen example shows, and the cut that shows it. */
export function ExampleNote({ example, cuts, onCut }: Props) {
  const ablations = (example.ablations ?? [])
    .map(({ layer, head, method }) => ({ layer, head, method: method ?? ('zero' as const) }))
    .sort(byPosition)
  const isCut =
    ablations.length === cuts.length && ablations.every((ablation) => cutOf(cuts, ablation))
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg bg-control-soft px-3 py-2 text-[0.8125rem] text-ink-2">
      <p className="min-w-0 flex-1 basis-72 text-pretty">
        <strong className="font-semibold text-ink">
          {example.title.replace(/([^.?!])$/, '$1.')}
        </strong>{' '}
        {example.explanation}
      </p>
      {ablations.length > 0 && !isCut && (
        <Button size="small" onClick={() => onCut(ablations)}>
          Cut{' '}
          {ablations.length > 3 ? `these ${ablations.length}` : ablations.map(headName).join(', ')}
        </Button>
      )}
    </div>
  )
}
