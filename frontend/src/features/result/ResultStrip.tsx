import { lastWords, visible } from '@/lib/format'
import type { Answer, ResultLine } from '@/lib/result'

type Props = {
  prompt: string
  /** null until the first answer. */
  line: ResultLine | null
  /** A newer answer is on its way. */
  stale: boolean
  /** What stands there where nothing is cut. */
  uncut?: string
}

/** As high with an answer as without: one line, on a phone two. */
const LINES = 'min-h-6 max-sm:min-h-[2.625rem]'

/** Always in view: what the intact model says next, and what the cut one says. */
export function ResultStrip({ prompt, line, stale, uncut = 'Click a head to cut it.' }: Props) {
  if (!line) {
    return <p className={`${LINES} text-sm text-ink-3`}>The model has not answered yet.</p>
  }
  const words = lastWords(prompt)
  const { intact, cut, facts } = line
  return (
    <dl
      className={`${LINES} tabular flex flex-wrap content-start items-baseline gap-x-6 gap-y-0.5 text-sm`}
    >
      <Said run="intact" words={words} answer={intact} />
      {cut ? (
        <Said run="cut" words={words} answer={cut} stale={stale} />
      ) : (
        <div className="text-ink-3">
          <dt className="sr-only">cut</dt>
          <dd>{uncut}</dd>
        </div>
      )}
      {facts.length > 0 && !stale && (
        <div className="ml-auto text-ink-2 max-sm:ml-0">
          <dt className="sr-only">difference</dt>
          <dd>{facts.join(' · ')}</dd>
        </div>
      )}
    </dl>
  )
}

type SaidProps = { run: 'intact' | 'cut'; words: string; answer: Answer; stale?: boolean }

const looks = { intact: 'text-control', cut: 'text-ablated' }
const marks = { intact: 'bg-control-soft text-control', cut: 'bg-ablated-soft text-ablated' }

function Said({ run, words, answer, stale = false }: SaidProps) {
  return (
    <div className="flex min-w-0 items-baseline gap-2">
      <dt className={`font-semibold ${looks[run]}`}>{run}</dt>
      <dd className="min-w-0 truncate">
        <span className="text-ink-3 max-sm:hidden">… {words} </span>
        <b className={`rounded-sm px-1 font-semibold ${marks[run]}`}>
          {stale ? '…' : visible(answer.text).replace(/^␣/, '')}
        </b>
        <span className="text-ink-3"> {stale ? '' : answer.probability}</span>
      </dd>
    </div>
  )
}
