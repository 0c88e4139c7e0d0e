import { useState, type FormEvent } from 'react'
import type { Saving } from '@/api/types'
import { count } from '@/lib/format'
import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'
import { TextField } from '@/ui/TextField'
import { Toggle } from '@/ui/Toggle'

export type ClassDraft = {
  readonly title: string
  readonly question: string
  /** They begin with what is cut now. */
  readonly withCuts: boolean
}

type Props = {
  title: string
  /** What will be fixed, in words. */
  fixed: string
  /** What is cut now, in words; null where nothing is. */
  cut: string | null
  saving: Saving
  pending: boolean
  error: unknown
  onMake: (draft: ClassDraft) => void
}

/** What a class is asked, what is fixed for it, and what will be kept of whom and for how long. */
export function ClassForm({ title: suggested, fixed, cut, saving, pending, error, onMake }: Props) {
  const [title, setTitle] = useState(suggested)
  const [question, setQuestion] = useState('')
  const [withCuts, setWithCuts] = useState(false)

  function submit(event: FormEvent) {
    event.preventDefault()
    if (title.trim() && !pending) onMake({ title: title.trim(), question, withCuts })
  }

  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField label="Title" value={title} maxLength={120} required onChange={setTitle} />
      <TextField
        label="Question for the class"
        value={question}
        maxLength={2000}
        rows={3}
        placeholder="Cut as few heads as you can until …"
        onChange={setQuestion}
      />
      <p className="text-xs text-pretty text-ink-2">
        <b className="font-semibold">Fixed for all:</b>{' '}
        <span className="wrap-anywhere">{fixed}</span>. <b className="font-semibold">Free:</b> what
        is cut, how it is scored, and what is looked at.
      </p>
      {cut !== null && (
        <Toggle
          label={<span className="text-xs">They begin with my cuts: {cut}</span>}
          checked={withCuts}
          onChange={setWithCuts}
        />
      )}
      <p className="text-xs text-pretty text-ink-2">
        The server keeps this, how many browsers have opened it, and at most{' '}
        {count(saving.class_answers, 'answer')}: a name if somebody writes one, a sentence, cuts and
        numbers. After {count(Math.round(saving.class_days), 'day')} all of it is deleted, or when
        you delete it.
      </p>
      {error !== null && <ErrorNote error={error} />}
      <Button type="submit" look="primary" disabledReason={pending && 'It is being made.'}>
        Make a classroom link
      </Button>
    </form>
  )
}
