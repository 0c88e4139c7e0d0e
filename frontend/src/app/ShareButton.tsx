import { useState } from 'react'
import { Button } from '@/ui/Button'

type Props = {
  /** Path and query that reproduce what is shown. */
  path: string
}

type State = 'idle' | 'copied' | 'refused'

/** Copies a link that reproduces the experiment; shows it where copying is refused. */
export function ShareButton({ path }: Props) {
  const [state, setState] = useState<State>('idle')
  const link = `${location.origin}${path}`

  async function copy() {
    try {
      await navigator.clipboard.writeText(link)
      setState('copied')
    } catch {
      setState('refused')
    }
  }

  return (
    <div className="relative">
      <Button
        onBlur={() => setState('idle')}
        onClick={() => void copy()}
        title="Copy a link that reproduces this experiment"
      >
        {state === 'copied' ? 'Link copied' : 'Share'}
      </Button>
      <span role="status" className="sr-only">
        {state === 'copied' ? 'Link copied' : ''}
      </span>
      {state === 'refused' && (
        <input
          readOnly
          aria-label="Link to this experiment"
          value={link}
          ref={(field) => field?.select()}
          onBlur={() => setState('idle')}
          className="absolute top-full right-0 z-40 mt-1.5 w-72 rounded-md border border-line-strong bg-surface px-2 py-1.5 font-mono text-xs shadow-float"
        />
      )}
    </div>
  )
}
