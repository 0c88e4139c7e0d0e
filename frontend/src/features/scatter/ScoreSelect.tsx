import { scoreName, SCORE_NAMES, type ScoreMethod } from '@/lib/scores'

type Props = { label: string; value: ScoreMethod; onChange: (method: ScoreMethod) => void }

const METHODS = Object.keys(SCORE_NAMES) as ScoreMethod[]

/** Which score an axis shows. */
export function ScoreSelect({ label, value, onChange }: Props) {
  return (
    <label className="flex items-center gap-1.5 text-xs text-ink-2">
      {label}
      <select
        value={value}
        onChange={(event) => onChange(event.target.value as ScoreMethod)}
        className="h-8 rounded-md border border-line-strong bg-surface px-1.5 text-sm text-ink pointer-coarse:h-11"
      >
        {METHODS.map((method) => (
          <option key={method} value={method}>
            {scoreName({ method, metric: null })}
          </option>
        ))}
      </select>
    </label>
  )
}
