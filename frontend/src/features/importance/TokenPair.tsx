import { NEEDS } from '@/api/requests'
import type { Metric } from '@/lib/experiment'
import { visible } from '@/lib/format'

export type Suggested = { readonly answer: string | null; readonly foil: string | null }

type Change = Partial<Record<'answer' | 'foil', string | null>>

type Props = {
  metric: Metric
  answer: string | null
  foil: string | null
  suggested: Suggested
  onUpdate: (patch: Change, options?: { typing?: boolean }) => void
}

const WORDS = {
  answer: { label: 'Answer', by: 'control’s first choice' },
  foil: { label: 'Foil', by: 'its rival' },
} as const

/** The tokens a metric compares, one token each, offered from what the two runs say first. */
export function TokenPair({ metric, suggested, onUpdate, ...values }: Props) {
  const needed = NEEDS[metric]
  if (needed.length === 0) return null
  return (
    <div className="flex flex-wrap items-end gap-x-3 gap-y-2 text-xs text-ink-2">
      {needed.map((name) => {
        const offer = suggested[name]
        const { label, by } = WORDS[name]
        return (
          <div key={name} className="flex items-center gap-1.5">
            <label className="flex items-center gap-1.5">
              {label}
              <input
                value={values[name] ?? ''}
                spellCheck={false}
                placeholder="one token"
                onChange={(event) =>
                  onUpdate({ [name]: event.target.value || null }, { typing: true })
                }
                className="h-8 w-24 rounded-md border border-line-strong bg-surface px-2 font-mono text-xs text-ink placeholder:text-ink-3 pointer-coarse:h-11"
              />
            </label>
            {offer !== null && offer !== values[name] && (
              <button
                type="button"
                onClick={() => onUpdate({ [name]: offer })}
                title={`Take ${by}`}
                className="rounded bg-sunken px-1.5 py-1 font-mono text-ink-2 hover:text-ink pointer-coarse:min-h-11"
              >
                {visible(offer)}
              </button>
            )}
          </div>
        )
      })}
      <p className="basis-full text-ink-3">
        One token each; most words begin with a space, shown here as ␣.
      </p>
    </div>
  )
}
