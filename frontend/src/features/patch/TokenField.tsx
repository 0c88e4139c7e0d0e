import { visible } from '@/lib/format'

type Props = {
  label: string
  /** Null for what is suggested. */
  value: string | null
  /** What is taken while nothing is written, and why. */
  suggested: string | null
  because: string
  /** It is more than one token; the line under it says so. */
  isRefused: boolean
  onChange: (value: string | null, options: { typing: boolean }) => void
}

/** Spaces are part of a token and shown as ␣, whichever of the two is typed. */
const written = (text: string) => text.replaceAll('␣', ' ').replaceAll('⏎', '\n')

/** One token to ask for; while it is empty, the one that a run says first. */
export function TokenField({ label, value, suggested, because, isRefused, onChange }: Props) {
  return (
    <label className="flex items-center gap-1.5 text-xs text-ink-2">
      {label}
      <input
        value={value === null ? '' : visible(value)}
        aria-invalid={isRefused}
        spellCheck={false}
        autoCapitalize="none"
        placeholder={suggested === null ? 'one token' : visible(suggested)}
        title={
          value === null && suggested !== null
            ? `${visible(suggested)}: ${because}`
            : 'One token; most words begin with a space, written ␣'
        }
        onChange={(event) => onChange(written(event.target.value) || null, { typing: true })}
        className="h-8 w-24 rounded-md border border-line-strong bg-surface px-2 font-mono text-xs text-ink placeholder:text-ink-2 aria-invalid:border-warn pointer-coarse:h-11"
      />
    </label>
  )
}
