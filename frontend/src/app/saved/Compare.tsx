import { useQueries } from '@tanstack/react-query'
import { savedQuery } from '@/api/queries'
import type { SavedExperiment } from '@/api/types'
import { CompareTable } from '@/features/saved/CompareTable'
import { differenceLayer, rowsOf } from '@/features/saved/comparison'
import { runOf, scoreTableOf } from '@/features/saved/results'
import { linkTo } from '@/features/saved/SavedLink'
import { SavedTexts } from '@/features/saved/SavedTexts'
import { tellEffect, type Cuts } from '@/lib/cuts'
import { headName } from '@/lib/heads'
import { scoreLayer } from '@/lib/scores'
import { decode, parseLink } from '@/lib/url'
import { ErrorNote } from '@/ui/ErrorNote'
import { Skeleton } from '@/ui/Skeleton'
import { useWorkspace } from '../WorkspaceContext'
import { SavedGrid } from './SavedGrid'

/** Saved experiments beside each other: measures, texts, grids, and what differs. */
export function Compare({ ids }: { ids: readonly string[] }) {
  const methods = useWorkspace((state) => state.methods)
  const found = useQueries({ queries: ids.map(savedQuery) })
  const failed = found.find(({ error }) => error !== null)
  if (failed) return <ErrorNote error={failed.error} onRetry={() => void failed.refetch()} />
  const saved = found.map(({ data }) => data).filter((data) => data !== undefined)
  if (saved.length < ids.length || methods.length === 0) {
    return <Skeleton className="h-60" label="The saved experiments are read" />
  }
  const runs = saved.map(({ results }) => runOf(results))
  const shown = saved.map((each) => ({ each, asked: decode(parseLink(each.link), methods) }))
  const tables = saved.map(({ results }) => scoreTableOf(results))
  const [first, second] = tables
  const difference = tables.length === 2 && differenceLayer(first ?? null, second ?? null)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <CompareTable titles={saved.map(({ title }) => title)} rows={rowsOf(runs)} />
      <div className="grid gap-4 sm:grid-cols-[repeat(auto-fit,minmax(19rem,1fr))]">
        {shown.map(({ each, asked }, index) => (
          <section
            key={each.id}
            aria-label={each.title}
            className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-3"
          >
            <Title saved={each} cuts={asked.cuts} />
            <SavedTexts prompt={asked.prompt} run={runs[index] ?? null} />
            <SavedGrid
              label={`Heads of ${each.title}`}
              layer={tables[index] ? scoreLayer(tables[index]) : null}
              cuts={asked.cuts}
            />
          </section>
        ))}
        {difference && (
          <section
            aria-label="Difference of the scores"
            className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-3"
          >
            <h3 className="text-sm font-medium text-ink">Difference of the scores</h3>
            <SavedGrid label="Second less first" layer={difference} cuts={[]} />
          </section>
        )}
      </div>
    </div>
  )
}

function Title({ saved, cuts }: { saved: SavedExperiment; cuts: Cuts }) {
  const told = cuts.map((cut) => `${headName(cut)} ${tellEffect(cut)}`)
  return (
    <div className="min-w-0">
      <h3 className="truncate text-sm font-medium">
        <a href={linkTo(saved.id)} className="text-ink underline-offset-2 hover:underline">
          <bdi>{saved.title}</bdi>
        </a>
      </h3>
      <p className="line-clamp-2 text-xs text-ink-2">
        {told.length === 0 ? 'nothing cut' : `cut: ${told.join(', ')}`}
      </p>
    </div>
  )
}
