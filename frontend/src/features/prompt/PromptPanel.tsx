import { useId } from 'react'
import type { Example, Limits, ModelInfo, TokenizeResponse } from '@/api/types'
import type { Experiment } from '@/lib/experiment'
import type { Cuts } from '@/lib/cuts'
import { ErrorNote } from '@/ui/ErrorNote'
import { FoldButton } from '@/ui/FoldButton'
import { cx } from '@/ui/cx'
import { exampleOf } from './example'
import { ExampleMenu } from './ExampleMenu'
import { ExampleNote } from './ExampleNote'
import { RunButton } from './RunButton'
import { GenerationSettings } from './GenerationSettings'
import { TokenStrip } from './TokenStrip'

type Props = {
  experiment: Experiment
  model: ModelInfo | null
  limits: Limits | null
  tokens: TokenizeResponse | null
  /** Why the prompt could not be read. */
  error: unknown
  running: boolean
  /** Why nothing can be run now. */
  blocked: string | null
  /** One line: the prompt and its buttons, without tokens, settings and the example's note. */
  folded: boolean
  onFold: (folded: boolean) => void
  onUpdate: (patch: Partial<Experiment>, options?: { typing?: boolean }) => void
  onExample: (example: Example) => void
  onCut: (cuts: Cuts) => void
  onRun: () => void
  onStop: () => void
}

/** The text the model reads, how it goes on, and the button that makes it. */
export function PromptPanel(props: Props) {
  const { experiment, model, limits, tokens, folded, onUpdate } = props
  const examples = model?.examples ?? []
  const example = exampleOf(examples, experiment)
  const id = useId()
  return (
    <section
      aria-labelledby={`${id}-title`}
      className="rounded-xl border border-line bg-surface p-3 sm:px-4 sm:py-3"
    >
      <h2 id={`${id}-title`} className="sr-only">
        <label htmlFor={id}>Prompt</label>
      </h2>
      <div className="flex flex-col gap-2.5 md:flex-row md:items-start">
        <textarea
          id={id}
          value={experiment.prompt}
          rows={1}
          spellCheck={false}
          placeholder="Write the beginning of a text…"
          onChange={(event) =>
            onUpdate({ prompt: event.target.value, token: null }, { typing: true })
          }
          className={cx(
            'field-sizing-content min-h-11 w-full min-w-0 flex-1 resize-none rounded-lg border border-line-strong bg-paper px-3 py-2 text-base leading-relaxed wrap-anywhere text-ink placeholder:text-ink-3',
            folded ? 'max-h-11' : 'max-h-28',
          )}
        />
        <div className="flex flex-wrap gap-2">
          <ExampleMenu examples={examples} current={example} onChoose={props.onExample} />
          <RunButton {...props} />
          <FoldButton
            folded={folded}
            onFold={props.onFold}
            what="Tokens, settings and note"
            className="h-11!"
          />
        </div>
      </div>
      {!folded && (
        <div className="mt-2 flex flex-wrap items-start gap-x-6 gap-y-1">
          <TokenStrip tokens={tokens} reserved={experiment.maxNewTokens} />
          <GenerationSettings experiment={experiment} limits={limits} onUpdate={onUpdate} />
        </div>
      )}
      {Boolean(props.error) && (
        <div className="mt-2">
          <ErrorNote error={props.error} />
        </div>
      )}
      {props.blocked && (
        <p role="status" className="mt-2 text-xs text-warn">
          {props.blocked}
        </p>
      )}
      {!folded && example && (
        <ExampleNote example={example} cuts={experiment.cuts} onCut={props.onCut} />
      )}
    </section>
  )
}
