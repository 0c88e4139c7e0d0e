import { Link } from '@tanstack/react-router'
import { ItemStrip } from '@/features/evidence/ItemStrip'
import { tellShare } from '@/lib/circuit'
import { signed } from '@/lib/format'
import { EmptyNote } from '@/ui/EmptyNote'
import { promptSearch } from './EverythingBut'
import type { Circuit } from './useCircuit'

const WAY = 'text-ink underline underline-offset-2 hover:no-underline pointer-coarse:py-3'

/** What the circuit does item by item, and the way from an item to the other views. */
export function CircuitItems({ circuit }: { circuit: Circuit }) {
  const { measures, preview, model } = circuit
  const { faithfulness, now, unit } = measures
  if (!faithfulness) return <EmptyNote>No item is measured yet.</EmptyNote>
  const { whole, circuit: ours, ratio } = faithfulness
  const drawn = preview.data?.items ?? []
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <p className="text-sm text-pretty text-ink-2">
        With all other heads replaced the metric is {signed(ours.mean)} {unit}, of the whole model{' '}
        {signed(whole.mean)}
        {ratio !== null && `: ${tellShare(ratio)}`}.
      </p>
      <ItemStrip
        name="The circuit’s metric"
        mean={ours.mean}
        items={ours.items.flatMap((score, item) => {
          const of = drawn[item]
          return of ? [{ ...of, item, score }] : []
        })}
        state={
          preview.error
            ? { kind: 'error', error: preview.error, onRetry: () => void preview.refetch() }
            : preview.data
              ? { kind: 'ready', stale: now.faithfulness === null }
              : { kind: 'loading' }
        }
        ways={({ item, prompt, corrupt, answer, foil }) => {
          const of = drawn[item]
          const search = of && promptSearch(circuit, of)
          return (
            <>
              {search && (
                <Link to="/" search={search} className={WAY}>
                  Cut everything but the circuit
                </Link>
              )}
              {corrupt != null && (
                <Link
                  to="/patch"
                  search={{
                    p: prompt,
                    c: corrupt,
                    answer,
                    ...(foil == null ? {} : { foil }),
                    ...(model ? { m: model.name } : {}),
                    v: '1',
                  }}
                  className={WAY}
                >
                  Open in Patch
                </Link>
              )}
            </>
          )
        }}
      />
    </div>
  )
}
