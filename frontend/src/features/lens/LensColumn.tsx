import { useState } from 'react'
import type { Answer } from '@/api/answer'
import type { LogitLensResponse } from '@/api/types'
import { visible, visibleAt } from '@/lib/format'
import { storyOf, tokenText } from '@/lib/lens'
import { Boundary } from '@/ui/Boundary'
import { Cover } from '@/ui/Cover'
import { ErrorNote } from '@/ui/ErrorNote'
import { lazyPart } from '@/ui/lazyPart'
import { Skeleton } from '@/ui/Skeleton'
import { Story } from './Story'
import { TokenLines } from './TokenLines'

const LensMultiples = lazyPart(() => import('./LensMultiples').then((m) => m.LensMultiples))

type Props = {
  /** The lens at one position. */
  query: Answer<LogitLensResponse>
  cutLayers: readonly number[]
  /** The text ends here: the token is the control's likeliest, none that is written. */
  isPrediction: boolean
  layer: number | null
  onLayer: (layer: number | null) => void
}

/** How the model came to one token: which layer decides, and where the runs part. */
export function LensColumn({ query, cutLayers, isPrediction, layer, onLayer }: Props) {
  const { data: lens, error, isPlaceholderData, refetch } = query
  const [more, setMore] = useState(false)
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />
  if (!lens) return <Skeleton label="The lens is loading" className="h-96" />

  const story = storyOf(lens, 0)
  const position = lens.positions[0] ?? 0
  const before = lens.prompt_tokens[position]?.text ?? ''
  const target = tokenText(lens, lens.targets[0] ?? -1)
  const shared = { lens, cutLayers, partsAt: story.partsAt, layer, onLayer }

  return (
    <section aria-label="The chosen token">
      <Cover when={isPlaceholderData} soon note="The lens is being read.">
        <div className="space-y-4">
          <header>
            <h3 className="text-sm text-ink-2">
              How the model comes to{' '}
              <b className="rounded-sm bg-sunken px-1 font-mono font-medium text-ink">
                {visible(target)}
              </b>
              {isPrediction && ', its likeliest next token,'} after{' '}
              <b className="rounded-sm bg-sunken px-1 font-mono font-medium text-ink">
                {visibleAt(before, position)}
              </b>
              <span className="text-ink-3"> · position {position}</span>
            </h3>
            <Story lens={lens} story={story} />
            {cutLayers.length === 0 && (
              <p className="text-xs text-ink-3">
                Cut a head, and here you see where the runs part.
              </p>
            )}
          </header>
          <TokenLines {...shared} />
          <details
            className="group"
            open={more}
            onToggle={(event) => setMore(event.currentTarget.open)}
          >
            <summary className="inline-flex min-h-7 list-none items-center gap-1.5 rounded text-[0.8125rem] text-ink-2 hover:text-ink pointer-coarse:min-h-11 [&::-webkit-details-marker]:hidden">
              <span aria-hidden className="text-xs transition-transform group-open:rotate-90">
                ▸
              </span>
              Rank, entropy and distance to the final answer
            </summary>
            {more && (
              <div className="pt-3">
                <Boundary name="Rank, entropy and distance">
                  <LensMultiples {...shared} target={target} />
                </Boundary>
              </div>
            )}
          </details>
        </div>
      </Cover>
    </section>
  )
}
