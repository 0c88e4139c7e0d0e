import { useState } from 'react'
import type { ModelInfo, ModelsResponse } from '@/api/types'
import { Button } from '@/ui/Button'
import { stateText } from './states'

type Props = {
  models: ModelsResponse
  current: ModelInfo | null
  onChoose: (name: string) => void
  onLoad: (name: string) => void
}

/** Says so when the bundled model answers in place of the preferred one. */
export function StandInNotice({ models, current, onChoose, onLoad }: Props) {
  const [hidden, setHidden] = useState(false)
  const preferred = models.models.find(({ name }) => name === models.preferred)
  if (hidden || !current?.bundled || !preferred || preferred.name === current.name) return null
  const { state, title, name, reason } = preferred
  return (
    <aside
      aria-label="About the model"
      className="flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-lg bg-warn-soft px-3 py-2 text-[0.8125rem] text-warn"
    >
      <p className="min-w-0 flex-1 basis-72 text-pretty">
        <strong className="font-semibold">{current.title}</strong>, a small bundled model, stands in
        for {title}
        {state === 'ready'
          ? ', which is ready now.'
          : state === 'unavailable'
            ? `, which is unavailable${reason ? `: ${reason}` : '.'}`
            : `, which is ${stateText(preferred)}.`}{' '}
        Its heads are its own: results carry over as method, not as numbers.
      </p>
      {state === 'ready' && (
        <Button size="small" onClick={() => onChoose(name)}>
          Switch to {title}
        </Button>
      )}
      {(state === 'unavailable' || state === 'unloaded') && (
        <Button size="small" onClick={() => onLoad(name)}>
          {state === 'unloaded' ? `Load ${title}` : 'Retry'}
        </Button>
      )}
      <Button
        size="small"
        look="quiet"
        aria-label="Dismiss this notice"
        onClick={() => setHidden(true)}
      >
        ✕
      </Button>
    </aside>
  )
}
