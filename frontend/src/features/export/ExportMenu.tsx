import { useQueryClient } from '@tanstack/react-query'
import type { ImportanceResponse, InferResponse } from '@/api/types'
import { saveText } from '@/charts/download'
import { scoresCsv, tokensCsv } from '@/lib/csv'
import type { Experiment } from '@/lib/experiment'
import { Menu } from '@/ui/Menu'

type Props = {
  experiment: Experiment
  result: InferResponse | null
  scores: ImportanceResponse | null
}

const NO_RUN = 'Run inference first: there are no texts yet.'
const NO_SCORES = 'Colour the grid by a score first: there are none yet.'

/** Everything on the page as files. */
export function ExportMenu({ experiment, result, scores }: Props) {
  const client = useQueryClient()
  /** What the panels show now of a kind of question, as the server answered. */
  const shown = (kind: string) =>
    client
      .getQueryCache()
      .findAll({ queryKey: [kind], type: 'active' })
      .map(({ state }) => state.data)
      .filter((data) => data !== undefined)
  const everything = () =>
    JSON.stringify(
      { experiment, result, scores, lens: shown('lens'), attention: shown('attention') },
      null,
      2,
    )
  return (
    <Menu
      label="Export"
      entries={[
        {
          label: 'Everything, JSON',
          note: 'experiment, run, scores, lens and patterns, each with its request',
          onChoose: () => saveText(everything(), 'attention-surgery.json', 'application/json'),
        },
        {
          label: 'Tokens, CSV',
          note: 'both texts with log-probabilities and KL',
          disabledReason: result ? null : NO_RUN,
          onChoose: () => result && saveText(tokensCsv(result), 'tokens.csv', 'text/csv'),
        },
        {
          label: 'Scores, CSV',
          note: 'one row per head, with its cut',
          disabledReason: scores ? null : NO_SCORES,
          onChoose: () =>
            scores && saveText(scoresCsv(scores, experiment.cuts), 'scores.csv', 'text/csv'),
        },
      ]}
      note={
        <p className="mt-1 max-w-72 border-t border-line px-2.5 pt-2 pb-1 text-xs text-ink-3">
          Every chart has its own PNG button. The Code panel has the run as Python.
        </p>
      }
    />
  )
}
