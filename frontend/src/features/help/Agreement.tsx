import { useQueryClient } from '@tanstack/react-query'
import { verifyStream } from '@/api/queries'
import { restart, stop, useStream } from '@/api/streamQuery'
import type { Comparison } from '@/api/types'
import { count, number } from '@/lib/format'
import { Button } from '@/ui/Button'
import { cx } from '@/ui/cx'
import { ErrorNote } from '@/ui/ErrorNote'

const STREAM = verifyStream()

/** Published figures, measured anew by this server and shown beside its own. */
export function Agreement() {
  const client = useQueryClient()
  const { status, partial, result, error } = useStream(STREAM, { enabled: false })
  const figures = result?.comparisons ?? partial?.comparisons ?? []
  const isRunning = status === 'running'
  const measure = () => void restart(client, STREAM)
  return (
    <section aria-label="Agreement with the literature" className="mt-4">
      <div className="mb-1.5 flex items-start justify-between gap-2">
        <h2 className="font-semibold">Do our numbers agree with the literature?</h2>
        <Button size="small" onClick={isRunning ? () => void stop(client, STREAM) : measure}>
          {isRunning ? 'Stop' : result ? 'Measure again' : 'Measure'}
        </Button>
      </div>
      <p aria-live="polite" className="text-ink-2">
        {result
          ? verdict(result.comparisons, result.model)
          : 'Published figures of GPT-2 Small, and the documented ones of the bundled model: measured now, on this server, beside what the source says.'}
      </p>
      {isRunning && (
        <progress
          className="mt-2 h-1.5 w-full accent-accent"
          aria-label="Figures measured"
          value={partial?.done ?? undefined}
        />
      )}
      {status === 'failed' && <ErrorNote error={error} onRetry={measure} />}
      {groups(figures).map((group) => (
        <Group key={`${group[0]?.kind} ${group[0]?.name}`} figures={group} />
      ))}
    </section>
  )
}

/** Figures that follow each other and are of one kind. */
function groups(figures: readonly Comparison[]): readonly (readonly Comparison[])[] {
  const kinds = new Map<string, Comparison[]>()
  for (const figure of figures) kinds.set(figure.kind, [...(kinds.get(figure.kind) ?? []), figure])
  return [...kinds.values()]
}

function verdict(figures: readonly Comparison[], model: string): string {
  const off = figures.filter(({ agrees }) => !agrees).length
  return off === 0
    ? `All ${figures.length} figures of ${model} agree within their tolerances.`
    : `${count(off, 'figure')} of ${figures.length} of ${model} ${off === 1 ? 'is' : 'are'} off.`
}

function Group({ figures }: { figures: readonly Comparison[] }) {
  const [first] = figures
  if (!first) return null
  return (
    <table className="mt-3 w-full text-xs">
      <caption className="mb-1 text-left">
        <span className="font-medium text-ink">{first.kind}</span>
        <span className="text-ink-3">
          , {first.unit}, ± {first.tolerance}. {first.source}
        </span>
      </caption>
      <thead className="text-ink-3">
        <tr>
          <th scope="col" className="text-left font-normal">
            figure
          </th>
          <th scope="col" className="text-right font-normal">
            published
          </th>
          <th scope="col" className="w-24 text-right font-normal">
            ours
          </th>
        </tr>
      </thead>
      <tbody className="font-mono text-ink-2 tabular-nums">
        {figures.map(({ name, published, ours, agrees }) => (
          <tr key={name} className={cx(!agrees && 'text-ablated')}>
            <th scope="row" className="text-left font-normal">
              {name}
            </th>
            <td className="text-right">{number(published)}</td>
            <td className="text-right">
              {number(ours)}
              {!agrees && ' (off)'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
