import { useState } from 'react'
import type { Cuts } from '@/lib/cuts'
import { ABLATION_METHODS, headName, type AblationMethod, type Head } from '@/lib/heads'
import { MethodMark } from '@/ui/MethodMark'

type Props = {
  cuts: Cuts
  onRemove: (head: Head) => void
  onMethod: (head: Head, method: AblationMethod) => void
  onInspect: (head: Head) => void
}

const shown = 12

/** The cut heads, each with its method and a way back. */
export function CutChips({ cuts, onRemove, onMethod, onInspect }: Props) {
  const [all, setAll] = useState(false)
  if (cuts.length === 0) {
    return <p className="text-xs text-ink-3">No head is cut yet. Click one in the grid.</p>
  }
  const list = all ? cuts : cuts.slice(0, shown)
  return (
    <ul aria-label="Cut heads" className="flex flex-wrap gap-1.5">
      {list.map((cut) => {
        const name = headName(cut)
        return (
          <li
            key={name}
            className="flex items-stretch overflow-hidden rounded-md border border-cut/50 bg-ablated-soft text-xs pointer-coarse:min-h-10"
          >
            <button
              type="button"
              onClick={() => onInspect(cut)}
              title={`Show the attention pattern of ${name}`}
              className="px-2 py-1 font-mono font-medium text-ablated -outline-offset-2 hover:underline"
            >
              {name}
            </button>
            <span className="flex items-center gap-0.5 text-ablated">
              <MethodMark method={cut.method} />
              <select
                aria-label={`Method for ${name}`}
                value={cut.method}
                onChange={(event) => onMethod(cut, event.target.value as AblationMethod)}
                className="h-full bg-transparent py-1 pr-0.5 text-ink -outline-offset-2 [&>option]:bg-surface"
              >
                {ABLATION_METHODS.map((method) => (
                  <option key={method}>{method}</option>
                ))}
              </select>
            </span>
            <button
              type="button"
              aria-label={`Restore ${name}`}
              onClick={() => onRemove(cut)}
              className="px-2 text-ink-2 -outline-offset-2 hover:bg-cut hover:text-on-cut"
            >
              ✕
            </button>
          </li>
        )
      })}
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
