import { GLOSSARY, type TermId } from '@/lib/glossary'
import { Boundary } from '@/ui/Boundary'
import { Button } from '@/ui/Button'
import { lazyPart } from '@/ui/lazyPart'
import { Popup } from '@/ui/Popup'

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

const terms = Object.keys(GLOSSARY) as TermId[]

const Agreement = lazyPart(() => import('./Agreement').then((m) => m.Agreement))

type Props = { onTour: () => void }

/** Keys, terms, the way back to the tour, and whether the numbers can be trusted. */
export function HelpPanel({ onTour }: Props) {
  return (
    <Popup label="Help" look="quiet">
      {(close) => (
        <div className="w-96 max-w-full p-2.5 text-[0.8125rem]">
          <div className="mb-3 flex items-center justify-between gap-2">
            <h2 className="font-semibold">Keys</h2>
            <Button
              size="small"
              onClick={() => {
                close()
                onTour()
              }}
            >
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
          <h2 className="mt-4 mb-1.5 font-semibold">Terms</h2>
          <dl className="grid gap-2">
            {terms.map((id) => (
              <div key={id}>
                <dt className="font-medium text-ink">{GLOSSARY[id].title}</dt>
                <dd className="text-ink-2">
                  {GLOSSARY[id].text}{' '}
                  <a
                    href={GLOSSARY[id].href}
                    target="_blank"
                    rel="noreferrer"
                    className="text-ink-3 underline underline-offset-2 hover:text-ink"
                  >
                    {GLOSSARY[id].source}
                  </a>
                </dd>
              </div>
            ))}
          </dl>
          <Boundary name="The comparison with the literature" placeholder={<></>}>
            <Agreement />
          </Boundary>
        </div>
      )}
    </Popup>
  )
}
