import { useId, type ReactNode } from 'react'
import { cx } from './cx'

type Option<Id extends string> = { id: Id; label: ReactNode; title?: string }

type Props<Id extends string> = {
  /** Names the group to screen readers; shown by the caller where it wants. */
  label: string
  options: readonly Option<Id>[]
  value: Id
  onChange: (id: Id) => void
}

/** One choice of a few, as a row of radio buttons. */
export function Segmented<Id extends string>({ label, options, value, onChange }: Props<Id>) {
  const name = useId()
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex max-w-full flex-wrap rounded-md border border-line bg-sunken p-0.5"
    >
      {options.map((option) => (
        <label
          key={option.id}
          title={option.title}
          className={cx(
            'flex h-7 cursor-pointer items-center gap-1 rounded-[5px] px-2 text-xs @max-sm:px-1.5 transition-colors pointer-coarse:h-10',
            'has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-(--focus)',
            option.id === value
              ? 'bg-surface font-medium text-ink shadow-sm ring-1 ring-line'
              : 'text-ink-2 hover:text-ink',
          )}
        >
          <input
            type="radio"
            className="sr-only"
            name={name}
            checked={option.id === value}
            onChange={() => onChange(option.id)}
          />
          {option.label}
        </label>
      ))}
    </div>
  )
}
