import { memo } from 'react'
import type { TokenRef } from '@/lib/experiment'
import { END_OF_TEXT, END_OF_TEXT_MEANING, visibleAt } from '@/lib/format'
import { klFraction, shift } from '@/lib/shade'
import { cx } from '@/ui/cx'
import { isSameToken, tokenName, type ShownToken } from './tokens'

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

const inks = { prompt: 'text-ink-2', control: 'text-ink', ablated: 'text-ink' }
const marks = { prompt: '', control: 'decoration-control', ablated: 'decoration-ablated' }

/** As in a text: spaces are spaces, a line break shows and breaks the line. */
const written = ({ text, index, stream }: ShownToken) =>
  visibleAt(text, stream === 'prompt' ? index : -1).replace(/␣/g, ' ') || '∅'

/** While a text grows its tokens are made anew each time; only what changed is drawn again. */
const isSame = ({ token: a, ...before }: Props, { token: b, ...after }: Props): boolean =>
  isSameToken(a, b) &&
  before.same === after.same &&
  before.first === after.first &&
  before.selected === after.selected &&
  before.tabStop === after.tabStop &&
  before.describedBy === after.describedBy &&
  before.onSelect === after.onSelect

/** One token as a button; the flow around it moves the focus and shows the details. */
export const TokenChip = memo(function TokenChip(props: Props) {
  const { token, same = false, first = false, selected, tabStop, describedBy, onSelect } = props
  const { stream, index, kl } = token
  const shaded = kl !== null && kl > faintest
  const isMark = token.text === END_OF_TEXT
  return (
    <>
      <button
        type="button"
        aria-label={tokenName(token, first && stream === 'ablated')}
        aria-pressed={selected}
        aria-describedby={describedBy}
        tabIndex={tabStop ? 0 : -1}
        title={isMark ? END_OF_TEXT_MEANING : undefined}
        data-stream={stream}
        data-index={index}
        onClick={() => onSelect({ stream, index })}
        style={shaded ? { backgroundColor: shift(klFraction(kl)) } : undefined}
        className={cx(
          'relative max-w-full rounded-[3px] text-left wrap-anywhere whitespace-pre-wrap',
          'hover:ring-1 hover:ring-ink/50 focus-visible:z-10 pointer-coarse:py-1.5',
          isMark ? 'px-0.5 text-xs text-ink-3' : shaded ? 'text-ink' : inks[stream],
          !same && stream !== 'prompt' && 'font-medium',
          first && `underline decoration-2 underline-offset-4 font-semibold! ${marks[stream]}`,
          selected && 'ring-2! ring-ink!',
        )}
      >
        {written(token)}
      </button>
      {token.text.endsWith('\n') && <br />}
    </>
  )
}, isSame)
