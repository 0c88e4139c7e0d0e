import { useState } from 'react'
import { visible } from '@/lib/format'
import type { Answer, ResultLine } from '@/lib/result'
import { Button } from '@/ui/Button'

type Props = {
  prompt: string
  /** What is cut, in a word or two. */
  cut: string
  /** null until the first answer. */
  line: ResultLine | null
  /** The answers are of an earlier cut. */
  stale: boolean
  /** Changes with whatever is asked: then the room guesses anew. */
  question: string
  /** Told when the answer is shown, so that what gives it away can wait. */
  onReveal: (question: string) => void
  revealed: boolean
}

/** The text twice, intact and cut, each with its next word; the newest word waits to be guessed. */
export function Sentences({ prompt, cut, line, stale, question, onReveal, revealed }: Props) {
  // The intact answer is no secret any more once it has been seen for this prompt.
  const [known, setKnown] = useState<string | null>(null)
  const isCut = line?.cut != null
  const intactShown = revealed || (isCut && known === prompt)
  function reveal() {
    setKnown(prompt)
    onReveal(question)
  }
  return (
    <section aria-label="Both sentences" className="grid gap-4">
      <Sentence
        run="intact"
        name="Intact"
        prompt={prompt}
        answer={intactShown && !(stale && !isCut) ? (line?.intact ?? null) : null}
      />
      {isCut && (
        <Sentence
          run="cut"
          name={`Without ${cut}`}
          prompt={prompt}
          answer={revealed && !stale ? line.cut : null}
        />
      )}
      {!revealed && (
        <Button
          look="primary"
          onClick={reveal}
          disabledReason={line ? null : 'The model has not answered yet.'}
          className="h-12! justify-self-start px-5! text-base!"
        >
          What will it say?
        </Button>
      )}
      <p role="status" className="text-base text-ink-2">
        {revealed && !stale && line?.facts.join(' · ')}
      </p>
    </section>
  )
}

const looks = {
  intact: { edge: 'border-control', word: 'bg-control-soft text-control' },
  cut: { edge: 'border-ablated', word: 'bg-ablated-soft text-ablated' },
}

type SentenceProps = {
  run: keyof typeof looks
  name: string
  prompt: string
  answer: Answer | null
}

const Sentence = ({ run, name, prompt, answer }: SentenceProps) => (
  <div className={`border-l-4 pl-4 ${looks[run].edge}`}>
    <p className="text-base text-ink-2">{name}</p>
    <p className="text-xl leading-snug text-pretty wrap-anywhere sm:text-2xl">
      {prompt}{' '}
      {answer ? (
        <>
          <b className={`rounded px-1.5 font-semibold ${looks[run].word}`}>
            {visible(answer.text).replace(/^␣/, '')}
          </b>{' '}
          <span className="tabular text-lg text-ink-2">{answer.probability}</span>
        </>
      ) : (
        <b className="rounded bg-sunken px-3 font-semibold text-ink-3">…?</b>
      )}
    </p>
  </div>
)
