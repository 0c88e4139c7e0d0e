import { memo } from 'react'
import type { TokenizeResponse } from '@/api/types'
import { END_OF_TEXT, END_OF_TEXT_MEANING, visibleAt } from '@/lib/format'
import { Term } from '@/ui/Term'
import { cx } from '@/ui/cx'

type Props = {
  tokens: TokenizeResponse | null
  /** New tokens that have to fit into the context too. */
  reserved: number
}

/** More than any model of this family reads. */
const most = 1024

/** The prompt as the model sees it, and how much of its context that takes. */
export const TokenStrip = memo(function TokenStrip({ tokens, reserved }: Props) {
  if (!tokens) return <div className="min-h-7 flex-1" />
  const used = tokens.tokens.length
  const over = used + reserved > tokens.n_ctx
  return (
    <div className="flex min-h-7 min-w-0 flex-1 basis-96 flex-wrap items-center gap-x-3 gap-y-1">
      <ol
        aria-label="Prompt tokens as the model sees them"
        className="flex max-h-20 min-w-0 flex-wrap gap-0.5 overflow-y-auto"
      >
        {tokens.tokens.slice(0, most).map(({ id, text }, index) => (
          <li
            key={index}
            title={text === END_OF_TEXT ? END_OF_TEXT_MEANING : `Token ${index}, id ${id}`}
            className="max-w-full rounded-[3px] bg-sunken px-1 py-px font-mono text-xs wrap-anywhere text-ink-2"
          >
            {visibleAt(text, index)}
          </li>
        ))}
        {used > most && <li className="px-1 text-xs text-ink-3">and {used - most} more</li>}
      </ol>
      <p className={cx('tabular text-xs', over ? 'font-medium text-ablated' : 'text-ink-3')}>
        {used} of {tokens.n_ctx} <Term id="token">tokens</Term>
        {over && `: with ${reserved} new ones that is ${used + reserved - tokens.n_ctx} too many`}
      </p>
    </div>
  )
})
