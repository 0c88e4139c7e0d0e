import { memo } from 'react'
import type { TokenRef } from '@/lib/experiment'
import { visible } from '@/lib/format'
import { klFraction, shift } from '@/lib/shade'
import { cx } from '@/ui/cx'
import { tokenName, type ShownToken } from './tokens'

type Props = {
  token: ShownToken
  /** Same token as in the other stream. */
  same?: boolean
  first?: boolean
  selected: boolean
  tabStop: boolean
  /** The details that float beside it. */
  describedBy: string | undefined
  onSelect: (ref: TokenRef) => void
}

/** Nats; less than this is no shade that anybody would see. */
const faintest = 0.01

const inks = { prompt: 'text-ink-2', control: 'text-ink', ablated: '' }

/** One token as a button; the flow around it moves the focus and shows the details. */
export const TokenChip = memo(function TokenChip(props: Props) {
  const { token, same = false, first = false, selected, tabStop, describedBy, onSelect } = props
  const { stream, index, kl } = token
  const shaded = kl !== null && kl > faintest
  return (
    <button
      type="button"
      aria-label={tokenName(token, first)}
      aria-pressed={selected}
      aria-describedby={describedBy}
      tabIndex={tabStop ? 0 : -1}
      data-stream={stream}
      data-index={index}
      onClick={() => onSelect({ stream, index })}
      style={shaded ? { backgroundColor: shift(klFraction(kl)) } : undefined}
      className={cx(
        'relative rounded-[3px] px-[3px] py-0.5 text-left font-mono text-[0.8125rem] whitespace-pre',
        'max-w-full overflow-hidden text-ellipsis hover:ring-1 hover:ring-ink/50 focus-visible:z-10 pointer-coarse:py-2',
        shaded ? 'text-ink' : inks[stream],
        stream === 'ablated' && !same && 'font-medium',
        stream === 'ablated' && !shaded && (same ? 'text-ink-3' : 'text-ablated'),
        first && 'border-b-2 border-ablated font-semibold',
        selected && 'ring-2! ring-ink!',
      )}
    >
      {visible(token.text).replace(/^␣/, ' ').replace(/␣/g, ' ') || '∅'}
    </button>
  )
})
