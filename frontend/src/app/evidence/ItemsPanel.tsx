import { Link } from '@tanstack/react-router'
import type { ScoredItem } from '@/api/types'
import { ItemStrip } from '@/features/evidence/ItemStrip'
import { tellHead } from '@/lib/evidence'
import { headName, sameHead } from '@/lib/heads'
import { EmptyNote } from '@/ui/EmptyNote'
import type { Evidence } from './useEvidence'

/** One head's numbers item by item, and the way from an item to the other views. */
export function ItemsPanel({ evidence }: { evidence: Evidence }) {
  const { question, findings, items } = evidence
  const { focus } = question
  const { run, heads } = findings
  if (!run) return <EmptyNote>Show a run first: its items stand here, head by head.</EmptyNote>
  if (findings.circuit) {
    return (
      <EmptyNote>
        A circuit is measured on all items together; the Circuit view has it item by item.
      </EmptyNote>
    )
  }
  if (!focus) return <EmptyNote>Press a head of the grid to see its items.</EmptyNote>
  const head = heads.find((each) => sameHead(each.head, focus))
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {head && <p className="text-sm text-pretty text-ink-2">{tellHead(head)}.</p>}
      <ItemStrip
        key={headName(focus)}
        name={headName(focus)}
        items={items.data?.items ?? []}
        mean={head?.mean ?? null}
        state={
          items.error
            ? { kind: 'error', error: items.error, onRetry: () => void items.refetch() }
            : items.data
              ? { kind: 'ready' }
              : { kind: 'loading' }
        }
        ways={(item) => <Ways item={item} model={run.model} at={headName(focus)} />}
      />
    </div>
  )
}

const WAY = 'text-ink underline underline-offset-2 hover:no-underline pointer-coarse:py-3'

/** An item opens where one prompt, or two, are looked into. */
function Ways({ item, model, at }: { item: ScoredItem; model: string; at: string }) {
  const { prompt, corrupt, answer, foil } = item
  const named = { answer, ...(foil == null ? {} : { foil }) }
  return (
    <>
      <Link
        to="/"
        search={{ p: prompt, m: model, at, metric: 'logit_difference', ...named, v: '2' }}
        className={WAY}
      >
        Open in Prompt
      </Link>
      {corrupt != null && (
        <Link
          to="/patch"
          search={{ p: prompt, c: corrupt, m: model, at, ...named, v: '1' }}
          className={WAY}
        >
          Open in Patch
        </Link>
      )}
    </>
  )
}
