import { useState } from 'react'
import { Button } from '@/ui/Button'

export const linkTo = (id: string) => `${location.origin}/?saved=${id}`

/** The link to a saved experiment, to be copied. */
export function SavedLink({ id }: { id: string }) {
  const [copied, setCopied] = useState(false)
  const link = linkTo(id)

  async function copy() {
    try {
      await navigator.clipboard.writeText(link)
      setCopied(true)
    } catch {
      setCopied(false)
    }
  }

  return (
    <div className="flex items-center gap-2">
      <input
        readOnly
        aria-label="Link to the saved experiment"
        value={link}
        onFocus={(event) => event.target.select()}
        className="min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2 py-1.5 font-mono text-xs text-ink"
      />
      <Button size="small" onClick={() => void copy()}>
        {copied ? 'Copied' : 'Copy'}
      </Button>
      <span role="status" className="sr-only">
        {copied ? 'Link copied' : ''}
      </span>
    </div>
  )
}
