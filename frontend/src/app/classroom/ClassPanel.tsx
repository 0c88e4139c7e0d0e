import { useQuery } from '@tanstack/react-query'
import { savingQuery } from '@/api/queries'
import type { ClassAnswers, ModelInfo } from '@/api/types'
import { ClassFacts } from '@/features/classroom/ClassFacts'
import { ClassLinks } from '@/features/classroom/ClassLinks'
import type { Experiment } from '@/lib/experiment'
import { tellFixed } from '@/lib/tellExperiment'
import { Button } from '@/ui/Button'
import { DeleteButton } from '@/ui/DeleteButton'
import { Panel } from '@/ui/Panel'

type Props = {
  secret: string
  found: ClassAnswers
  asked: Experiment
  model: ModelInfo | null
  exporting: boolean
  closing: boolean
  ending: boolean
  onExport: () => void
  onTable: () => void
  onClose: (closed: boolean) => void
  onDelete: () => void
}

/** The class itself: its question, its numbers, its links, and what can be done with it. */
export function ClassPanel(props: Props) {
  const { secret, found, asked, model, exporting, closing, ending } = props
  const { classroom, answers } = found
  const { data: saving } = useQuery(savingQuery())
  const isClosed = classroom.state === 'closed'
  const nothing = answers.length === 0 && 'Nothing is handed in yet.'
  return (
    <Panel title={<bdi>{classroom.title}</bdi>}>
      <div className="grid gap-4">
        <div className="grid gap-2">
          {classroom.question && (
            <p className="max-h-40 overflow-y-auto text-base wrap-anywhere whitespace-pre-line text-ink">
              <bdi>{classroom.question}</bdi>
            </p>
          )}
          <p className="text-xs wrap-anywhere text-ink-2">{tellFixed(asked, model?.title)}</p>
        </div>
        <ClassFacts found={found} most={saving?.class_answers ?? null} />
        <div className="flex flex-wrap gap-1.5">
          <Button
            size="small"
            onClick={() => props.onClose(!isClosed)}
            disabledReason={closing && 'It is on its way.'}
          >
            {isClosed ? 'Reopen' : 'Close'}
          </Button>
          <Button
            size="small"
            title="All answers with texts and scores, which Saved can import"
            onClick={props.onExport}
            disabledReason={nothing || (exporting && 'The answers are being read.')}
          >
            Export all
          </Button>
          <Button
            size="small"
            title="One row an answer, for a spreadsheet"
            onClick={props.onTable}
            disabledReason={nothing}
          >
            Table (CSV)
          </Button>
          <DeleteButton
            label="Delete the class with all answers"
            text="Delete with answers"
            pending={ending}
            onDelete={props.onDelete}
          />
        </div>
        <details className="text-sm">
          <summary className="min-h-7 text-ink-2 hover:text-ink pointer-coarse:min-h-11">
            Links of this class
          </summary>
          <div className="mt-2">
            <ClassLinks id={classroom.id} secret={secret} />
          </div>
        </details>
      </div>
    </Panel>
  )
}
