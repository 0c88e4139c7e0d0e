import { headName } from '@/lib/heads'
import { type Path } from '@/lib/paths'

type Props = {
  path: Path
  /** What the metric reads at the end, e.g. “␣Mary − ␣John”. */
  end: string
  value: string
}

const box = 'rounded-md border border-line-strong bg-surface px-2 py-1 font-mono text-xs text-ink'

/** The strongest path, drawn from left to right. */
export function PathArrow({ path: { from, to }, end, value }: Props) {
  return (
    <ol
      aria-label="The strongest path"
      className="flex flex-wrap items-center gap-1.5 text-xs text-ink-3"
    >
      <li className={box}>{headName(from)}</li>
      <Arrow>{value}</Arrow>
      {to !== 'logits' && (
        <>
          <li className={box}>
            <span className="text-ink-3">{to.input} of </span>
            {headName(to)}
          </li>
          <Arrow>all that follows</Arrow>
        </>
      )}
      <li className={box}>{end}</li>
    </ol>
  )
}

const Arrow = ({ children }: { children: string }) => (
  <li className="grid text-center leading-tight">
    <span>{children}</span>
    <svg viewBox="0 0 64 8" aria-hidden className="h-2 w-16 fill-none stroke-ink-2">
      <path d="M0 4h62M57 1l5 3-5 3" strokeWidth="1.3" />
    </svg>
  </li>
)
