import type { Example, Limits, ModelInfo, TokenizeResponse } from '@/api/types'
import type { Experiment } from '@/lib/experiment'
import type { Cuts } from '@/lib/cuts'
import { Button } from '@/ui/Button'
import { ExampleMenu } from './ExampleMenu'
import { ExampleNote } from './ExampleNote'
import { GenerationSettings } from './GenerationSettings'
import { TokenStrip } from './TokenStrip'

type Props = {
  experiment: Experiment
  model: ModelInfo | null
  limits: Limits | null
  tokens: TokenizeResponse | null
  running: boolean
  /** Why nothing can be run now. */
  blocked: string | null
  onUpdate: (patch: Partial<Experiment>, options?: { push?: boolean }) => void
  onExample: (example: Example) => void
  onCut: (cuts: Cuts) => void
  onRun: () => void
  onStop: () => void
}

const hint = () => (navigator.platform.startsWith('Mac') ? '⌘ Enter' : 'Ctrl Enter')

/** The text the model reads, how it goes on, and the button that makes it. */
export function PromptPanel(props: Props) {
  const { experiment, model, limits, tokens, running, blocked, onUpdate } = props
  const examples = model?.examples ?? []
  const example = examples.find(({ prompt }) => prompt === experiment.prompt)
  return (
    <section
      aria-labelledby="prompt-title"
      className="rounded-xl border border-line bg-surface p-4 sm:p-5"
    >
      <div className="mb-2 flex items-center justify-between gap-3">
        <h2 id="prompt-title" className="text-[0.9375rem] font-semibold tracking-tight">
          <label htmlFor="prompt">Prompt</label>
        </h2>
        <ExampleMenu examples={examples} current={example} onChoose={props.onExample} />
      </div>
      <div className="flex flex-col gap-3 md:flex-row md:items-start">
        <textarea
          id="prompt"
          value={experiment.prompt}
          rows={2}
          spellCheck={false}
          placeholder="Write the beginning of a text…"
          onChange={(event) => onUpdate({ prompt: event.target.value, token: null })}
          className="field-sizing-content max-h-56 min-h-16 w-full flex-1 resize-y rounded-lg border border-line-strong bg-paper px-3 py-2.5 text-base leading-relaxed text-ink placeholder:text-ink-3"
        />
        <div className="flex gap-2 md:w-44 md:flex-col">
          {running ? (
            <Button onClick={props.onStop} className="h-11! w-full">
              <span aria-hidden className="size-2.5 rounded-[2px] bg-cut" /> Stop
            </Button>
          ) : (
            <Button
              look="primary"
              onClick={props.onRun}
              disabledReason={blocked}
              aria-keyshortcuts="Control+Enter Meta+Enter"
              className="h-11! w-full"
            >
              Run inference
            </Button>
          )}
          <p className="hidden text-center text-xs text-ink-3 md:block">{blocked ?? hint()}</p>
        </div>
      </div>
      <TokenStrip tokens={tokens} reserved={experiment.maxNewTokens} />
      <GenerationSettings experiment={experiment} limits={limits} onUpdate={onUpdate} />
      {example && <ExampleNote example={example} cuts={experiment.cuts} onCut={props.onCut} />}
    </section>
  )
}
