import { useId } from 'react'
import { visible } from '@/lib/format'
import type { Answer, ResultLine } from '@/lib/result'
import { cx } from '@/ui/cx'

type Props = {
  prompt: string
  /** What is cut, in a word or two. */
  cut: string
  /** null until the first answer. */
  line: ResultLine | null
  /** Which of the two next words the room may see. */
  shows: { readonly intact: boolean; readonly cut: boolean }
}

/** Characters that fill a few lines; a longer text is written smaller. */
const SHORT = 160

/** The text twice, intact and cut, each with its next word as soon as the room may see it. */
export function Sentences({ prompt, cut, line, shows }: Props) {
  const id = useId()
  return (
    <section aria-labelledby={id} className="grid gap-3">
      <h2 id={id} className="sr-only">
        Both sentences
      </h2>
      <Sentence
        run="intact"
        name="Intact"
        prompt={prompt}
        answer={shows.intact ? (line?.intact ?? null) : null}
      />
      {line?.cut ? (
        <Sentence
          run="cut"
          name={`Without ${cut}`}
          prompt={prompt}
          answer={shows.cut ? line.cut : null}
        />
      ) : (
        <p className="border-l-4 border-line pl-4 text-ink-2">
          Click a head in the grid to cut it.
        </p>
      )}
      <p role="status" className="text-ink-2 empty:hidden">
        {shows.cut && line?.facts.join(' · ')}
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
  <div className={cx('border-l-4 pl-4', looks[run].edge)}>
    <p className="text-ink-2">{name}</p>
    <p
      className={cx(
        'leading-snug text-pretty wrap-anywhere',
        prompt.length > SHORT ? 'text-xl' : 'text-[clamp(1.25rem,min(3.7dvh,2.4vw),2.25rem)]',
      )}
    >
      {prompt}{' '}
      {answer ? (
        <>
          <b className={cx('rounded px-1.5 font-semibold', looks[run].word)}>
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
