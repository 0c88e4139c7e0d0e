import { Boundary } from '@/ui/Boundary'
import { Button } from '@/ui/Button'
import { lazyPart } from '@/ui/lazyPart'
import { TermNote } from '@/ui/TermNote'
import { TERMS, type TermId } from '@/lib/terms'

const keys: readonly [string, string][] = [
  ['Ctrl Enter', 'run inference'],
  ['Ctrl Z, Ctrl Shift Z', 'undo and redo the cut'],
  ['← ↑ → ↓', 'move in the grid or along the tokens'],
  ['Home, End, Page Up, Page Down', 'ends of the row, ends of the column'],
  ['Space', 'cut or restore the head, layer or column'],
  ['Shift with arrows or click', 'cut everything in between'],
  ['Enter', 'in the grid: show the head’s attention pattern'],
  ['Esc', 'stop the run; put a note away'],
]

const terms = Object.keys(TERMS) as TermId[]

const Agreement = lazyPart(() => import('./Agreement').then((m) => m.Agreement))

type Props = { onTour: () => void }

/** Keys, the way back to the tour, whether the numbers can be trusted, and terms. */
export function HelpContent({ onTour }: Props) {
  return (
    <>
      <div className="mb-3 flex items-center justify-between gap-2">
        <h2 className="font-semibold">Keys</h2>
        <Button size="small" onClick={onTour}>
          Take the tour
        </Button>
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        {keys.map(([key, what]) => (
          <div key={key} className="contents">
            <dt className="font-mono text-xs text-ink">{key}</dt>
            <dd className="text-ink-2">{what}</dd>
          </div>
        ))}
      </dl>
      <Boundary name="The comparison with the literature" placeholder={<></>}>
        <Agreement />
      </Boundary>
      <h2 className="mt-4 mb-1.5 font-semibold">Terms</h2>
      <dl className="grid gap-2.5">
        {terms.map((id) => (
          <div key={id}>
            <dt className="font-medium text-ink">{TERMS[id]}</dt>
            <dd className="text-ink-2">
              <TermNote id={id} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  )
}
