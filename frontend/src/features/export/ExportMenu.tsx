import { useId, useRef, useState, type KeyboardEvent } from 'react'
import type { ImportanceResponse, InferResponse } from '@/api/types'
import { saveText } from '@/charts/download'
import { scoresCsv, tokensCsv } from '@/lib/csv'
import type { Experiment } from '@/lib/experiment'
import { Button } from '@/ui/Button'
import { ExportItem } from './ExportItem'

type Props = {
  experiment: Experiment
  result: InferResponse | null
  scores: ImportanceResponse | null
}

const NO_RUN = 'Run inference first: there are no texts yet.'
const NO_SCORES = 'Colour the grid by a score first: there are none yet.'

/** Everything on the page as files. */
export function ExportMenu({ experiment, result, scores }: Props) {
  const [open, setOpen] = useState(false)
  const id = useId()
  const root = useRef<HTMLDivElement>(null)
  const trigger = useRef<HTMLButtonElement>(null)

  function onKeyDown(event: KeyboardEvent) {
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]
    const now = items.indexOf(document.activeElement as HTMLElement)
    const steps: Record<string, number> = {
      ArrowDown: now + 1,
      ArrowUp: now - 1 + items.length,
      Home: 0,
      End: items.length - 1,
    }
    const step = steps[event.key]
    if (event.key === 'Escape' && open) {
      setOpen(false)
      trigger.current?.focus()
    } else if (open && step !== undefined && items.length > 0) {
      items[step % items.length]?.focus()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  const save = (text: string, name: string, type: string) => () => {
    saveText(text, name, type)
    setOpen(false)
    trigger.current?.focus()
  }
  const everything = () => JSON.stringify({ experiment, result, scores }, null, 2)

  return (
    // The wrapper only listens for what happens inside the menu.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={root}
      className="relative"
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false)
      }}
    >
      <Button
        ref={trigger}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        Export <span aria-hidden>▾</span>
      </Button>
      {open && (
        <div
          id={id}
          role="menu"
          aria-label="Export"
          className="absolute right-0 z-40 mt-1.5 w-72 max-w-[calc(100vw-1.5rem)] rounded-lg border border-line bg-surface p-1.5 shadow-float"
        >
          <ExportItem
            first
            label="Everything, JSON"
            note="experiment, run and scores as the API gives them"
            onChoose={() => save(everything(), 'attention-surgery.json', 'application/json')()}
          />
          <ExportItem
            label="Tokens, CSV"
            note="both texts with log-probabilities and KL"
            disabledReason={result ? null : NO_RUN}
            onChoose={() => result && save(tokensCsv(result), 'tokens.csv', 'text/csv')()}
          />
          <ExportItem
            label="Scores, CSV"
            note="one row per head, with its cut"
            disabledReason={scores ? null : NO_SCORES}
            onChoose={() =>
              scores && save(scoresCsv(scores, experiment.cuts), 'scores.csv', 'text/csv')()
            }
          />
          <p className="border-t border-line px-2.5 pt-2 pb-1 text-xs text-ink-3">
            Every chart has its own PNG button. The Code tab has the run as Python.
          </p>
        </div>
      )}
    </div>
  )
}
