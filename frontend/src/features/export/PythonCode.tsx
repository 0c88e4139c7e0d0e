import { pythonTokens, type PythonKind } from '@/lib/python'

const LOOKS: Record<PythonKind, string> = {
  comment: 'text-ink-3 italic',
  string: 'text-good',
  number: 'text-warn',
  keyword: 'font-medium text-control',
  name: 'text-ink',
  plain: 'text-ink-2',
}

/** Python with its words coloured; selects and copies as plain text. */
export function PythonCode({ code, name }: { code: string; name: string }) {
  return (
    <pre
      role="region"
      aria-label={`Python code: ${name}`}
      // A scrolling region must be reachable by keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="max-h-[34rem] overflow-auto rounded-lg border border-line bg-paper p-4 font-mono text-xs leading-relaxed"
    >
      <code>
        {pythonTokens(code).map(({ kind, text }, i) => (
          <span key={i} className={LOOKS[kind]}>
            {text}
          </span>
        ))}
      </code>
    </pre>
  )
}
