import type { ClassAnswers } from '@/api/types'
import { day } from '@/lib/format'

type Props = { found: ClassAnswers; most: number | null }

const STATES = {
  open: 'open: answers can be handed in',
  closed: 'closed: no more answers are taken',
  full: 'full: it takes no more answers until some are deleted',
}

/** How many opened it and handed in, whether it takes more, and until when it is kept. */
export function ClassFacts({ found, most }: Props) {
  const { opened, answers, classroom } = found
  return (
    <div className="grid gap-3">
      <dl className="flex gap-6">
        <Figure name="browsers opened it" value={opened} />
        <Figure
          name={most === null ? 'handed in' : `handed in, of at most ${most}`}
          value={answers.length}
        />
      </dl>
      <p className="text-xs text-pretty text-ink-2">
        Each browser tells the server when it opens the link for the first time; the number is all
        that is kept. Who has two browsers, or empties one, counts twice.
      </p>
      <p role="status" className="text-sm text-pretty text-ink">
        The class is {STATES[classroom.state]}. Kept until {day(classroom.expires)}, then deleted
        with all answers.
      </p>
    </div>
  )
}

function Figure({ name, value }: { name: string; value: number }) {
  return (
    <div className="flex flex-col-reverse">
      <dt className="text-xs text-ink-2">{name}</dt>
      <dd className="tabular text-2xl font-semibold text-ink">{value}</dd>
    </div>
  )
}
