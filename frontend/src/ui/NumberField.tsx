import { useId, useState, type ReactNode } from 'react'

type Props = {
  label: ReactNode
  /** Explains the setting, beside its label. */
  help?: ReactNode
  value: number | null
  /** null when the field is emptied and `placeholder` says what that means. */
  onChange: (value: number | null) => void
  min: number
  max: number
  step?: number
  /** What an empty field means; without it the field must hold a number. */
  placeholder?: string
  className?: string
}

/** A number that is taken over while it is valid, and says what would be valid while it is not. */
export function NumberField({
  label,
  help,
  value,
  onChange,
  min,
  max,
  step = 1,
  placeholder,
  className,
}: Props) {
  const id = useId()
  const [draft, setDraft] = useState<string | null>(null)
  const [rejected, setRejected] = useState<string | null>(null)
  const text = draft ?? (value === null ? '' : String(value))
  const valid = (candidate: string) => {
    if (candidate.trim() === '') return placeholder !== undefined
    const parsed = Number(candidate)
    const whole = step % 1 !== 0 || Number.isInteger(parsed)
    return Number.isFinite(parsed) && whole && parsed >= min && parsed <= max
  }
  const wrong = !valid(text)

  function change(next: string) {
    setDraft(next)
    setRejected(null)
    if (valid(next)) onChange(next.trim() === '' ? null : Number(next))
  }

  /** What was not possible does not stay, and that is said. */
  function leave() {
    if (wrong) setRejected(text)
    setDraft(null)
  }

  const range = `${step % 1 === 0 ? 'a whole number' : 'a number'} from ${min} to ${max}`
  return (
    <div className={className}>
      <div className="mb-1 flex gap-1.5 text-xs text-ink-2">
        <label htmlFor={id}>{label}</label>
        {help}
      </div>
      <input
        id={id}
        type="number"
        inputMode={step % 1 === 0 ? 'numeric' : 'decimal'}
        min={min}
        max={max}
        step={step}
        value={text}
        placeholder={placeholder}
        aria-invalid={wrong || undefined}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
        onChange={(event) => change(event.target.value)}
        onBlur={leave}
        className="tabular h-9 w-full rounded-md border border-line-strong bg-surface px-2.5 text-sm text-ink placeholder:text-ink-3 aria-invalid:border-cut pointer-coarse:h-11"
      />
      {wrong && (
        <p id={`${id}-wrong`} className="mt-1 text-xs text-ablated">
          {range.replace('a', 'A')}.
        </p>
      )}
      {!wrong && rejected !== null && (
        <p role="status" className="mt-1 text-xs text-warn">
          “{rejected}” was not taken: {range}.
        </p>
      )}
    </div>
  )
}
