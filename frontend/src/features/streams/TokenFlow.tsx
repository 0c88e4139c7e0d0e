import {
  useId,
  useRef,
  useState,
  type FocusEvent,
  type KeyboardEvent,
  type PointerEvent,
} from 'react'
import { alignStreams } from '@/lib/align'
import type { TokenRef } from '@/lib/experiment'
import { TokenChip } from './TokenChip'
import { TokenDetails } from './TokenDetails'
import { metricsByPosition, promptTokens, streamToken, type ShownToken } from './tokens'
import type { RunState } from './run'

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

/** The prompt, then both texts step under step; one tab stop, arrows move, Enter selects. */
export function TokenFlow({ run, selected, onSelect }: Props) {
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
      className="flex flex-wrap items-start gap-y-3"
    >
      {prompt.map((token) => chip(token))}
      {pairs.map(({ index, control, ablated, same: agrees }) => (
        <span key={index} className="inline-flex min-w-0 flex-col items-start">
          {control ? chip(control) : <Ended />}
          {ablated ? chip(ablated, { same: agrees, first: index === firstDifference }) : <Ended />}
        </span>
      ))}
      {details && pointed && (
        <TokenDetails
          key={`${details.stream}${details.index}`}
          id={id}
          token={details}
          anchor={pointed}
        />
      )}
    </div>
  )
}

/** Keeps the step's place in a stream that has no token here. */
const Ended = () => (
  <span aria-hidden className="px-[3px] py-0.5 font-mono text-[0.8125rem]">
    {' '}
  </span>
)
