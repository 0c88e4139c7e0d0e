import { useState } from 'react'
import type { Token } from '@/api/types'
import { visible } from '@/lib/format'
import { readPositions, writePositions } from '@/lib/notation'
import { cx } from '@/ui/cx'
import { Toggle } from '@/ui/Toggle'

type Props = {
  /** The prompt's tokens; null while they are not known. */
  tokens: readonly Token[] | null
  /** Null for all, also those generated. */
  positions: readonly number[] | null
  onChange: (positions: readonly number[] | null) => void
}

/** At which query positions a cut holds: pressed on the prompt's tokens, or written. */
export function PositionPicker({ tokens, positions, onChange }: Props) {
  const [draft, setDraft] = useState<string | null>(null)
  const written = draft ?? (positions ? writePositions(positions) : '')
  const wrong = written !== '' && readPositions(written) === null
  const isOn = (index: number) =>
    positions?.some((p) => (p < 0 ? p + (tokens?.length ?? 0) : p) === index) ?? true

  function toggle(index: number) {
    const all = tokens?.map((_, i) => i) ?? []
    const now = positions === null ? [] : all.filter(isOn)
    const next = now.includes(index) ? now.filter((p) => p !== index) : [...now, index]
    setDraft(null)
    onChange(next.length === 0 ? null : next.sort((a, b) => a - b))
  }

  function write(text: string) {
    setDraft(text)
    const read = readPositions(text)
    if (text.trim() === '') onChange(null)
    else if (read) onChange(read)
  }

  return (
    <div className="grid gap-2 text-xs text-ink-2">
      <Toggle
        label={<span className="text-xs">At all positions, also those written later</span>}
        checked={positions === null}
        onChange={(all) => {
          setDraft(null)
          onChange(all ? null : [Math.max(0, (tokens?.length ?? 1) - 1)])
        }}
      />
      {positions !== null && (
        <>
          {tokens && (
            <div
              role="group"
              aria-label="Positions of the prompt"
              className="flex max-h-28 flex-wrap gap-0.5 overflow-y-auto p-0.5"
            >
              {tokens.map(({ text }, index) => (
                <button
                  key={index}
                  type="button"
                  aria-pressed={isOn(index)}
                  aria-label={`Position ${index}, ${visible(text)}`}
                  onClick={() => toggle(index)}
                  className={cx(
                    'rounded-[3px] px-1 py-0.5 font-mono text-xs pointer-coarse:min-h-10',
                    isOn(index) ? 'bg-cut text-on-cut' : 'bg-sunken text-ink-2 hover:text-ink',
                  )}
                >
                  {visible(text)}
                </button>
              ))}
            </div>
          )}
          <label>
            or written, e.g. 10-14,-1; negative ones count from the prompt’s end
            <input
              value={written}
              aria-invalid={wrong || undefined}
              onChange={(event) => write(event.target.value)}
              onBlur={() => wrong || setDraft(null)}
              className="mt-1 block h-9 w-full rounded-md border border-line-strong bg-surface px-2.5 font-mono text-xs text-ink aria-invalid:border-cut"
            />
          </label>
          {wrong && (
            <p role="status" className="text-ablated">
              Write numbers and spans with commas between them: 3,10-14,-1.
            </p>
          )}
        </>
      )}
    </div>
  )
}
