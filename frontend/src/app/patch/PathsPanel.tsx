import { useMemo } from 'react'
import { PathArrow } from '@/features/patch/PathArrow'
import { ShareBars } from '@/charts/ShareBars'
import { visible } from '@/lib/format'
import { headName, sameHead } from '@/lib/heads'
import { pathFormat, pathsOf, receiverName, tellPaths } from '@/lib/paths'
import { EmptyNote } from '@/ui/EmptyNote'
import { Skeleton } from '@/ui/Skeleton'
import { Term } from '@/ui/Term'
import { AnalysisFiles } from './AnalysisFiles'
import { pathsCsv } from './files'
import { tellPasses } from '@/lib/patching'
import type { Page } from './usePage'

const MOST = 12

/** By which paths the difference reaches a head, or leaves it. */
export function PathsPanel({ page }: { page: Page }) {
  const { patch, update, pair, question, paths: run } = page
  const { focus, flow, metric } = patch
  const { paths, result } = run
  const found = useMemo(() => (paths ? pathsOf(paths).slice(0, MOST) : []), [paths])
  if (pair.waiting) return <EmptyNote>{pair.waiting}</EmptyNote>
  if (!focus) {
    return (
      <EmptyNote>
        Press a head of the grid: what feeds its queries, keys and values, and what does it feed?
      </EmptyNote>
    )
  }
  if (flow === 'into' && focus.layer === 0) {
    return (
      <EmptyNote>
        {headName(focus)} is in the first layer: no head comes before it. See what it feeds.
      </EmptyNote>
    )
  }
  if (run.status === 'failed')
    return <EmptyNote>Nothing was measured; the grid says why.</EmptyNote>
  if (!paths) return <Skeleton className="h-72" label="Paths are being measured" />
  const end = question ? `${visible(question.answer)} − ${visible(question.foil)}` : 'logits'
  const format = pathFormat(paths)
  const name = flow === 'into' ? `What feeds ${headName(focus)}` : `What ${headName(focus)} feeds`
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <p role="status" className="text-sm text-pretty text-ink-2">
        {run.status === 'done' && tellPaths(paths, focus, flow, metric)}
      </p>
      {found[0] && <PathArrow path={found[0]} end={end} value={format(found[0].value)} />}
      <section>
        <h3 className="mb-1.5 text-sm font-medium text-ink">
          {name}
          <span className="font-normal text-ink-3">
            {' '}
            · strongest <Term id="path">paths</Term>
          </span>
        </h3>
        <ShareBars
          label={name}
          format={format}
          bars={found.map(({ from, to, value }) => {
            const other = flow === 'into' ? from : to
            return {
              name:
                flow === 'into'
                  ? `${headName(from)} → ${to === 'logits' ? to : to.input}`
                  : `→ ${receiverName(to)}`,
              value,
              ...(other !== 'logits' && {
                onOpen: () => update({ focus: { layer: other.layer, head: other.head } }),
                current: sameHead(other, focus),
              }),
            }
          })}
        />
        <p className="mt-1.5 text-xs text-ink-3">
          A press follows the path on to the head at its other end.
        </p>
      </section>
      <AnalysisFiles name={name} result={result} csv={result && (() => pathsCsv(result))} />
      {result && <p className="text-xs text-ink-3">{tellPasses(result.passes)}</p>}
    </div>
  )
}
