import { useId, type ReactNode } from 'react'
import type { Token } from '@/api/types'
import { visible } from '@/lib/format'
import { tellDifference, tellMismatch, tellTooMany, type Pairing, type TooMany } from '@/lib/pair'
import type { Patch } from '@/lib/patch'
import { Button } from '@/ui/Button'
import { Term } from '@/ui/Term'
import { TokenField } from './TokenField'
import { PairTokens } from './PairTokens'

type Options = { typing?: boolean; push?: boolean }

type Props = {
  patch: Patch
  /** Both as the model reads them; null while they are not known. */
  pairing: Pairing<Token> | null
  /** What both runs say first. */
  suggested: { readonly answer: string | null; readonly foil: string | null }
  /** Where more than one token is written. */
  tooMany: { readonly answer: TooMany | null; readonly foil: TooMany | null }
  /** Why nothing can be asked of the two prompts, in a sentence; null when it can. */
  refusal: ReactNode | null
  examples: ReactNode
  /** Makes a corrupt prompt of the clean one. */
  maker: ReactNode
  onUpdate: (patch: Partial<Patch>, options?: Options) => void
  onSwap: () => void
}

/** The two prompts, what differs between them, and what is asked of both. */
export function PairPanel(props: Props) {
  const { patch, pairing, suggested, tooMany, refusal, examples, maker, onUpdate, onSwap } = props
  const mismatch = pairing && tellMismatch(pairing)
  const id = useId()
  return (
    <section
      aria-labelledby={id}
      className="grid gap-2.5 rounded-xl border border-line bg-surface p-3 sm:px-4"
    >
      <h2 id={id} className="sr-only">
        Two prompts
      </h2>
      <div className="grid items-center gap-2 sm:grid-cols-[minmax(0,1fr)_auto]">
        <div className="grid gap-1.5">
          <PromptField
            label="Clean"
            colour="text-control"
            value={patch.prompt}
            placeholder="A prompt that the model completes rightly…"
            onChange={(prompt) => onUpdate({ prompt }, { typing: true })}
          />
          <PromptField
            label="Corrupt"
            colour="text-ablated"
            value={patch.corrupt}
            placeholder="The same with one thing changed…"
            onChange={(corrupt) => onUpdate({ corrupt }, { typing: true })}
          />
        </div>
        <div className="flex gap-1.5 sm:grid sm:grid-cols-[auto_auto]">
          <Button
            aria-label="Swap clean and corrupt"
            title="Swap clean and corrupt, answer and foil"
            onClick={onSwap}
            className="h-11! w-11 px-0! sm:row-span-2 sm:h-full!"
          >
            <SwapIcon />
          </Button>
          {examples}
          {maker}
        </div>
      </div>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        {pairing ? <PairTokens columns={pairing.columns} /> : <div className="min-h-11" />}
        <div className="flex max-w-full flex-wrap items-center gap-x-3 gap-y-1.5 md:max-w-md">
          <TokenField
            label="Answer"
            value={patch.answer}
            suggested={suggested.answer}
            because="what the clean run says first"
            isRefused={tooMany.answer !== null}
            onChange={(answer, options) => onUpdate({ answer }, options)}
          />
          <TokenField
            label="Foil"
            value={patch.foil}
            suggested={suggested.foil}
            because="what the corrupt run says first"
            isRefused={tooMany.foil !== null}
            onChange={(foil, options) => onUpdate({ foil }, options)}
          />
          <Term id="answerFoil">?</Term>
          {(['answer', 'foil'] as const).map((side) => {
            const found = tooMany[side]
            const [first] = found?.tokens ?? []
            if (!found || first === undefined) return null
            return (
              <p key={side} role="status" className="w-full text-xs text-pretty text-warn">
                {tellTooMany(found)}{' '}
                <Button size="small" onClick={() => onUpdate({ [side]: first }, { push: true })}>
                  Take {visible(first)}
                </Button>
              </p>
            )
          })}
        </div>
      </div>
      {refusal ??
        (pairing && (
          <p
            role="status"
            className={mismatch ? 'text-xs text-pretty text-warn' : 'text-xs text-ink-3'}
          >
            {mismatch ?? tellDifference(pairing)}
          </p>
        ))}
    </section>
  )
}

type FieldProps = {
  label: string
  colour: string
  value: string
  placeholder: string
  onChange: (value: string) => void
}

function PromptField({ label, colour, value, placeholder, onChange }: FieldProps) {
  return (
    <label className="flex items-start gap-2">
      <span className={`w-14 shrink-0 pt-3 text-xs font-medium ${colour}`}>{label}</span>
      <textarea
        value={value}
        rows={1}
        spellCheck={false}
        placeholder={placeholder}
        onChange={(event) => onChange(event.target.value)}
        className="field-sizing-content max-h-32 min-h-11 w-full min-w-0 flex-1 resize-none rounded-lg border border-line-strong bg-paper px-3 py-2 text-base leading-relaxed wrap-anywhere text-ink placeholder:text-ink-3"
      />
    </label>
  )
}

const SwapIcon = () => (
  <svg viewBox="0 0 16 16" aria-hidden className="size-4 fill-none stroke-current">
    <path
      d="M5 13V3m0 0L2.5 5.5M5 3l2.5 2.5M11 3v10m0 0 2.5-2.5M11 13l-2.5-2.5"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  </svg>
)
