import { useState } from 'react'
import { Button } from './Button'

type Props = {
  /** What the link leads to. */
  label: string
  link: string
  /** Shows the label; else it only names the field. */
  labelled?: boolean
}

/** A link, to be copied. */
export function CopyField({ label, link, labelled = false }: Props) {
  const [copied, setCopied] = useState(false)

  async function copy() {
    try {
      await navigator.clipboard.writeText(link)
      setCopied(true)
    } catch {
      setCopied(false)
    }
  }

  return (
    <div className="grid gap-1">
      {labelled && <span className="text-xs text-ink-2">{label}</span>}
      <div className="flex items-center gap-2">
        <input
          readOnly
          aria-label={label}
          value={link}
          onFocus={(event) => event.target.select()}
          className="min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2 py-1.5 font-mono text-xs text-ink"
        />
        <Button size="small" aria-label={`Copy: ${label}`} onClick={() => void copy()}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
        <span role="status" className="sr-only">
          {copied ? 'Link copied' : ''}
        </span>
      </div>
    </div>
  )
}
