import { Tooltip } from '@base-ui/react/tooltip'
import { useContext } from 'react'
import { number, percent, probability, visible } from '@/lib/format'
import { PLACE, POPUP } from '@/ui/popups'
import { Root } from '@/ui/root'
import { cx } from '@/ui/cx'
import type { ShownToken } from './tokens'

type Props = { id: string; token: ShownToken; anchor: Element }

function Row({ name, value, colour }: { name: string; value: string; colour?: string }) {
  return (
    <>
      <dt className={colour}>{name}</dt>
      <dd className="tabular text-right font-medium text-ink">{value}</dd>
    </>
  )
}

/** Floats beside the token under the pointer or the focus. */
export function TokenDetails({ id, token, anchor }: Props) {
  const root = useContext(Root)
  return (
    <Tooltip.Root open>
      <Tooltip.Portal container={root ?? undefined}>
        <Tooltip.Positioner {...PLACE} anchor={anchor} className="pointer-events-none z-50">
          <Tooltip.Popup
            id={id}
            role="tooltip"
            className={cx(POPUP, 'w-60 p-3 text-xs text-ink-2')}
          >
            <Readings token={token} />
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}

/** What both runs thought of one token. */
function Readings({ token }: Pick<Props, 'token'>) {
  const { control, ablated, kl, alternatives, stream } = token
  return (
    <>
      <p className="mb-1.5 font-mono text-[0.8125rem] font-semibold text-ink">
        “{visible(token.text)}”
      </p>
      <dl className="grid grid-cols-[1fr_auto] gap-x-3 gap-y-0.5">
        {control !== null && (
          <Row name="Control probability" value={probability(control)} colour="text-control" />
        )}
        {ablated !== null && (
          <Row name="Ablated probability" value={probability(ablated)} colour="text-ablated" />
        )}
        {kl !== null && <Row name="KL, nats" value={number(kl)} />}
        {kl !== null && (
          <Row name="Likeliest token" value={token.top1Changed ? 'changed' : 'same'} />
        )}
      </dl>
      {alternatives.length > 0 && (
        <>
          <p className="mt-2 mb-1 text-ink-3">Likeliest here ({stream})</p>
          <ol className="grid gap-0.5">
            {alternatives.slice(0, 5).map(({ id: tokenId, text, logprob }) => (
              <li key={tokenId} className="grid grid-cols-[5.5rem_1fr_auto] items-center gap-2">
                <span className="truncate font-mono text-ink">{visible(text)}</span>
                <span className="h-1.5 rounded-full bg-sunken">
                  <span
                    className={`block h-full rounded-full ${stream === 'ablated' ? 'bg-ablated' : 'bg-control'}`}
                    style={{ width: `${Math.exp(logprob) * 100}%` }}
                  />
                </span>
                <span className="tabular text-right">{percent(Math.exp(logprob))}</span>
              </li>
            ))}
          </ol>
        </>
      )}
      <p className="mt-2 text-ink-3">Click: how the layers came to it</p>
    </>
  )
}
