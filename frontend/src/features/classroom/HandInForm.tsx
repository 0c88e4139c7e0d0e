import { useState, type FormEvent } from 'react'
import { day } from '@/lib/format'
import { Button } from '@/ui/Button'
import { ErrorNote } from '@/ui/ErrorNote'
import { TextField } from '@/ui/TextField'

type Props = {
  /** What is cut, in words. */
  cut: string
  expires: string
  /** This browser has handed something in, which goes. */
  replaces: boolean
  pending: boolean
  error: unknown
  onHandIn: (name: string, sentence: string) => void
}

/** A name if one likes, a sentence, and what becomes of both. */
export function HandInForm({ cut, expires, replaces, pending, error, onHandIn }: Props) {
  const [name, setName] = useState('')
  const [sentence, setSentence] = useState('')

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!pending) onHandIn(name.trim(), sentence.trim())
  }

  return (
    <form onSubmit={submit} className="grid gap-3">
      <p className="line-clamp-3 text-sm text-ink">
        <span className="text-ink-2">Cut:</span> {cut}
      </p>
      <TextField
        label="Your answer, in a sentence"
        value={sentence}
        maxLength={1000}
        rows={3}
        onChange={setSentence}
      />
      <TextField
        label="Name (or nothing, or what you agreed on)"
        value={name}
        maxLength={60}
        onChange={setName}
      />
      <p className="text-xs text-pretty text-ink-2">
        The server keeps name, sentence, cuts, texts and scores until {day(expires)}. Who has the
        teacher’s link, or the answer’s own, reads them. This browser can take them back under
        Saved; what is deleted is gone.
        {replaces && ' What you handed in before is replaced.'}
      </p>
      {error !== null && <ErrorNote error={error} />}
      <Button type="submit" look="primary" disabledReason={pending && 'It is being handed in.'}>
        {replaces ? 'Hand in again' : 'Hand in'}
      </Button>
    </form>
  )
}
