import { useState, type FormEvent } from 'react'
import type { Saving } from '@/api/types'
import { count } from '@/lib/format'
import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'
import { TextField } from '@/ui/TextField'
import { tellLimits } from './limits'

type Props = {
  title: string
  saving: Saving
  /** How many answers go along. */
  answers: number
  pending: boolean
  error: unknown
  onSave: (title: string, note: string) => void
}

/** A title and a note, and what will be kept where and for how long. */
export function SaveForm({ title: suggested, saving, answers, pending, error, onSave }: Props) {
  const [title, setTitle] = useState(suggested)
  const [note, setNote] = useState('')

  function submit(event: FormEvent) {
    event.preventDefault()
    if (title.trim() && !pending) onSave(title.trim(), note)
  }

  return (
    <form onSubmit={submit} className="grid gap-3">
      <TextField label="Title" value={title} maxLength={120} required onChange={setTitle} />
      <TextField label="Note" value={note} maxLength={4000} rows={3} onChange={setNote} />
      <p className="text-xs text-pretty text-ink-2">
        The server keeps title, note, prompt, settings and cuts with {count(answers, 'answer')}{' '}
        shown on the page. Whoever has the link can open it; only this browser can delete it, and
        what is deleted is gone. {tellLimits(saving)}
      </p>
      {error !== null && <ErrorNote error={error} />}
      <Button type="submit" look="primary" disabledReason={pending && 'It is being saved.'}>
        Save
      </Button>
    </form>
  )
}
