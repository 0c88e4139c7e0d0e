import type { ComponentType } from 'react'
import type { AnalysisTab } from '@/lib/patch'
import { lazyPart } from '@/ui/lazyPart'
import type { Page } from './usePage'

export type AnalysisEntry = {
  readonly id: AnalysisTab
  /** On its tab. */
  readonly label: string
  /** What it answers. */
  readonly title: string
  readonly Content: ComponentType<{ page: Page }>
}

/** What can be asked of two prompts; each colours the grid and has its panel. */
export const ANALYSES: readonly AnalysisEntry[] = [
  {
    id: 'patching',
    label: 'Patching',
    title: 'Through which heads does the difference flow?',
    Content: lazyPart(() => import('./PatchingPanel').then((m) => m.PatchingPanel)),
  },
  {
    id: 'attribution',
    label: 'Attribution',
    title: 'What does each part add by itself to the logit difference?',
    Content: lazyPart(() => import('./AttributionPanel').then((m) => m.AttributionPanel)),
  },
  {
    id: 'paths',
    label: 'Paths',
    title: 'By which paths does it reach a head, and leave it?',
    Content: lazyPart(() => import('./PathsPanel').then((m) => m.PathsPanel)),
  },
  {
    id: 'interactions',
    label: 'Interactions',
    title: 'Who backs whom up, and who works together?',
    Content: lazyPart(() => import('./InteractionsPanel').then((m) => m.InteractionsPanel)),
  },
  {
    id: 'repair',
    label: 'Self-repair',
    title: 'Who makes up for a head that is cut?',
    Content: lazyPart(() => import('./RepairPanel').then((m) => m.RepairPanel)),
  },
  {
    id: 'code',
    label: 'Code',
    title: 'The same analyses as scripts',
    Content: lazyPart(() => import('./PatchCode').then((m) => m.PatchCode)),
  },
]

/** The first where a link asks for what is not offered. */
export const analysisOf = (id: AnalysisTab): AnalysisEntry => {
  const [first] = ANALYSES
  const entry = ANALYSES.find((each) => each.id === id) ?? first
  if (!entry) throw new Error('No analysis is offered.')
  return entry
}
