import {
  memo,
  useId,
  useRef,
  useState,
  type FocusEvent,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from 'react'
import { alignStreams } from '@/lib/align'
import type { TokenRef } from '@/lib/experiment'
import { Boundary } from '@/ui/Boundary'
import { cx } from '@/ui/cx'
import { lazyPart } from '@/ui/lazyPart'
import { TokenChip } from './TokenChip'
import { metricsByPosition, promptTokens, streamToken, type ShownToken } from './tokens'
import type { RunState } from './run'

const TokenDetails = lazyPart(() => import('./TokenDetails').then((m) => m.TokenDetails))

type Props = {
  run: RunState
  selected: TokenRef | null
  onSelect: (ref: TokenRef) => void
}

const same = (a: TokenRef | null, b: TokenRef) => a?.stream === b.stream && a.index === b.index

/** What the flow shows, from what has come so far. */
function tokensOf(run: RunState) {
  const { rows, firstDifference } = alignStreams(run.control, run.ablated, run.status !== 'done')
  const metrics = metricsByPosition(run.perToken)
  const offset = run.promptTokens.length
  const pairs = rows.map((row) => {
    const { index } = row
    const at = metrics.get(offset + index)
    // Up to the first difference both runs read the same text, so its KL is of both tokens.
    const shared = row.same || index === firstDifference
    return {
      ...row,
      control: row.control && streamToken('control', index, row.control, row.same, at),
      ablated: row.ablated && {
        ...streamToken('ablated', index, row.ablated, row.same, at),
        ...(shared && at ? { kl: at.kl, top1Changed: at.top1_changed } : {}),
      },
    }
  })
  return { prompt: promptTokens(run), pairs, firstDifference }
}

/** Where an arrow key leads: along a stream, or across to the other at the same step. */
function neighbour(
  { stream, index }: TokenRef,
  key: string,
  promptLength: number,
): TokenRef | null {
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    if (stream === 'prompt') return null
    return { stream: key === 'ArrowDown' ? 'ablated' : 'control', index }
  }
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key]
  if (step === undefined) return null
  const next = index + step
  if (stream === 'prompt') {
    return next < promptLength ? { stream, index: next } : { stream: 'control', index: 0 }
  }
  return next < 0 ? { stream: 'prompt', index: promptLength - 1 } : { stream, index: next }
}

/**
 * The prompt and both texts, one below the other; one tab stop, arrows move, Enter selects. A cut
 * changes nothing here until the texts are written anew.
 */
export const TokenFlow = memo(function TokenFlow({ run, selected, onSelect }: Props) {
  const id = useId()
  const flow = useRef<HTMLDivElement>(null)
  const { prompt, pairs, firstDifference } = tokensOf(run)
  const [stop, setStop] = useState<TokenRef>({ stream: 'control', index: 0 })
  const [pointed, setPointed] = useState<Element | null>(null)

  const all: ShownToken[] = [
    ...prompt,
    ...pairs.flatMap(({ control, ablated }) => [control, ablated].filter((t) => t !== null)),
  ]
  const tabStop = all.find((token) => same(stop, token)) ?? all[0] ?? null
  const refOf = (element: Element | null): ShownToken | undefined => {
    const data = element?.closest<HTMLElement>('[data-stream]')?.dataset
    return all.find((t) => t.stream === data?.['stream'] && String(t.index) === data['index'])
  }
  const details = refOf(pointed)
  const point = (event: FocusEvent | PointerEvent) =>
    setPointed((event.target as Element).closest('[data-stream]'))

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Escape') setPointed(null)
    const from = refOf(event.target as Element)
    const to = from && neighbour(from, event.key, prompt.length)
    if (!to) return
    event.preventDefault()
    flow.current
      ?.querySelector<HTMLElement>(`[data-stream="${to.stream}"][data-index="${to.index}"]`)
      ?.focus()
  }

  const chip = (token: ShownToken, rest: { same?: boolean; first?: boolean } = {}) => (
    <TokenChip
      key={`${token.stream}${token.index}`}
      token={token}
      selected={same(selected, token)}
      tabStop={tabStop !== null && same(tabStop, token)}
      describedBy={details && same(details, token) ? id : undefined}
      onSelect={onSelect}
      {...rest}
    />
  )

  return (
    // The buttons inside are what is pressed; the group only moves the focus among them.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={flow}
      role="group"
      aria-label="Tokens: prompt, control and ablated"
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        const token = refOf(event.target)
        if (token) setStop({ stream: token.stream, index: token.index })
        point(event)
      }}
      onBlur={() => setPointed(null)}
      onPointerOver={(event) => event.pointerType !== 'touch' && point(event)}
      onPointerLeave={() => setPointed(null)}
      className="grid gap-2.5 text-[0.9375rem] leading-7"
    >
      <Line name="Prompt" look="text-ink-2">
        {prompt.map((token) => chip(token))}
      </Line>
      <Line name="Control" note="intact" look="text-control">
        {pairs.map(
          ({ index, control, same: agrees }) =>
            control && chip(control, { same: agrees, first: index === firstDifference }),
        )}
      </Line>
      <Line name="Ablated" note="cut" look="text-ablated">
        {pairs.map(
          ({ index, ablated, same: agrees }) =>
            ablated && chip(ablated, { same: agrees, first: index === firstDifference }),
        )}
      </Line>
      {details && pointed && (
        <Boundary name="The token" placeholder={<></>}>
          <TokenDetails
            key={`${details.stream}${details.index}`}
            id={id}
            token={details}
            anchor={pointed}
          />
        </Boundary>
      )}
    </div>
  )
})

type LineProps = { name: string; note?: string; look: string; children: ReactNode }

/** One text as a text. Both continuations begin at the same edge, so they part one below the other. */
const Line = ({ name, note, look, children }: LineProps) => (
  <div className="grid grid-cols-[4rem_1fr] gap-x-3">
    <p className={cx('border-r-2 border-current leading-tight', look)}>
      <span className="block text-[0.8125rem] font-semibold">{name}</span>
      {note && <span className="block text-xs text-ink-3">{note}</span>}
    </p>
    <p className="min-w-0">{children}</p>
  </div>
)
