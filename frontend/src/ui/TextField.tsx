type Props = {
  label: string
  value: string
  maxLength: number
  /** Of a text of several lines. */
  rows?: number
  required?: boolean
  placeholder?: string
  onChange: (value: string) => void
}

const look =
  'w-full rounded-md border border-line-strong bg-surface px-2.5 py-1.5 text-sm text-ink placeholder:text-ink-3'

/** A labelled text. */
export function TextField({ label, rows, onChange, ...rest }: Props) {
  const change = ({ target }: { target: { value: string } }) => onChange(target.value)
  return (
    <label className="grid gap-1 text-xs text-ink-2">
      {label}
      {rows === undefined ? (
        <input {...rest} onChange={change} className={look} />
      ) : (
        <textarea {...rest} rows={rows} onChange={change} className={look} />
      )}
    </label>
  )
}
