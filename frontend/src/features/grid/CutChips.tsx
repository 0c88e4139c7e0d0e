import { useState } from 'react'
import type { Token } from '@/api/types'
import { tellEffect, type Cut, type Cuts, type Effect } from '@/lib/cuts'
import { headName, isHead, type Head, type Site } from '@/lib/heads'
import type { Methods } from '@/lib/methods'
import { Boundary } from '@/ui/Boundary'
import { lazyPart } from '@/ui/lazyPart'
import { MethodMark } from '@/ui/MethodMark'
import { Popup } from '@/ui/Popup'

const CutEditor = lazyPart(() => import('./CutEditor').then((m) => m.CutEditor))

type Props = {
  cuts: Cuts
  methods: Methods
  tokens: readonly Token[] | null
  onRemove: (site: Site) => void
  onEffect: (site: Site, effect: Effect, options: { typing: boolean; push: boolean }) => void
  onInspect: (head: Head) => void
}

const shown = 12

/** The cuts, each with what it does, an editor and a way back. */
export function CutChips({ cuts, ...rest }: Props) {
  const [all, setAll] = useState(false)
  if (cuts.length === 0) {
    return <p className="text-xs text-ink-3">No head is cut yet. Click one in the grid.</p>
  }
  const list = all ? cuts : cuts.slice(0, shown)
  return (
    <ul aria-label="Cut heads" className="flex flex-wrap gap-1.5">
      {list.map((cut) => (
        <Chip key={headName(cut)} cut={cut} {...rest} />
      ))}
      {cuts.length > shown && (
        <li>
          <button
            type="button"
            onClick={() => setAll(!all)}
            className="rounded-md px-2 py-1 text-xs text-ink-2 underline underline-offset-2"
          >
            {all ? 'Show fewer' : `and ${cuts.length - shown} more`}
          </button>
        </li>
      )}
    </ul>
  )
}

function Chip({
  cut,
  methods,
  tokens,
  onRemove,
  onEffect,
  onInspect,
}: Omit<Props, 'cuts'> & { cut: Cut }) {
  const name = headName(cut)
  return (
    <li className="flex items-stretch rounded-md border border-cut/50 bg-ablated-soft text-xs pointer-coarse:min-h-10">
      {isHead(cut) ? (
        <button
          type="button"
          onClick={() => onInspect(cut)}
          title={`Show the attention pattern of ${name}`}
          className="px-2 py-1 font-mono font-medium text-ablated -outline-offset-2 hover:underline"
        >
          {name}
        </button>
      ) : (
        <span
          title={`The MLP of layer ${cut.layer}`}
          className="px-2 py-1 font-mono font-medium text-ablated"
        >
          {name}
        </span>
      )}
      <Popup
        look="chip"
        align="start"
        name={`How ${name} is cut: ${tellEffect(cut)}`}
        label={
          <>
            <MethodMark method={cut.method} />
            {tellEffect(cut)}
          </>
        }
      >
        {() => (
          <Boundary name={`How ${name} is cut`}>
            <CutEditor
              cut={cut}
              methods={methods}
              tokens={tokens}
              onChange={(effect, options) => onEffect(cut, effect, options)}
            />
          </Boundary>
        )}
      </Popup>
      <button
        type="button"
        aria-label={`Restore ${name}`}
        onClick={() => onRemove(cut)}
        className="rounded-r-md px-2 text-ink-2 -outline-offset-2 hover:bg-cut hover:text-on-cut"
      >
        ✕
      </button>
    </li>
  )
}
