import type { UseQueryResult } from '@tanstack/react-query'
import type { LogitLensResponse } from '@/api/types'
import { visible } from '@/lib/format'
import { storyOf, tokenText } from '@/lib/lens'
import { ErrorNote } from '@/ui/ErrorNote'
import { Skeleton } from '@/ui/Skeleton'
import { cx } from '@/ui/cx'
import { LensMultiples } from './LensMultiples'
import { Story } from './Story'
import { TokenLines } from './TokenLines'

type Props = {
  /** The lens at one position. */
  query: UseQueryResult<LogitLensResponse>
  cutLayers: readonly number[]
  /** The text ends here: the token is the control's likeliest, none that is written. */
  isPrediction: boolean
  layer: number | null
  onLayer: (layer: number | null) => void
}

/** How the model came to one token: which layer decides, and where the runs part. */
export function LensColumn({ query, cutLayers, isPrediction, layer, onLayer }: Props) {
  const { data: lens, error, isPlaceholderData, refetch } = query
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />
  if (!lens) return <Skeleton label="The lens is loading" className="h-96" />

  const story = storyOf(lens, 0)
  const position = lens.positions[0] ?? 0
  const before = lens.prompt_tokens[position]?.text ?? ''
  const target = tokenText(lens, lens.targets[0] ?? -1)
  const shared = { lens, cutLayers, partsAt: story.partsAt, layer, onLayer }

  return (
    <section
      aria-label="The chosen token"
      className={cx('space-y-4 transition-opacity', isPlaceholderData && 'opacity-60')}
    >
      <header>
        <h3 className="text-sm text-ink-2">
          How the model comes to{' '}
          <b className="rounded-sm bg-sunken px-1 font-mono font-medium text-ink">
            {visible(target)}
          </b>
          {isPrediction && ', its likeliest next token,'} after{' '}
          <b className="rounded-sm bg-sunken px-1 font-mono font-medium text-ink">
            {visible(before)}
          </b>
          <span className="text-ink-3"> · position {position}</span>
        </h3>
        <Story lens={lens} story={story} />
        {cutLayers.length === 0 && (
          <p className="text-xs text-ink-3">Cut a head, and here you see where the runs part.</p>
        )}
      </header>
      <TokenLines {...shared} />
      <LensMultiples {...shared} target={target} />
    </section>
  )
}
