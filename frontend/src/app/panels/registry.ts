import type { ComponentType } from 'react'
import type { Tab } from '@/lib/experiment'
import { lazyPart } from '@/ui/lazyPart'

export type PanelEntry = {
  readonly id: Tab
  /** On its tab. */
  readonly label: string
  /** What it answers. */
  readonly title: string
  /** What to do where it has nothing to read, for want of a prompt; null where it needs none. */
  readonly needsPrompt: string | null
  readonly Content: ComponentType
}

/** Everything that can stand beside the grid; a new panel is one entry and one module. */
export const PANELS: readonly PanelEntry[] = [
  {
    id: 'changes',
    label: 'Texts',
    title: 'What both models write, and what comes next',
    needsPrompt: 'Write a prompt to see how the model would continue it.',
    Content: lazyPart(() => import('./ChangesPanel').then((m) => m.ChangesPanel)),
  },
  {
    id: 'metrics',
    label: 'Metrics',
    title: 'How much it changed, in numbers',
    needsPrompt: 'Write a prompt to measure what a cut does to it.',
    Content: lazyPart(() => import('./MeasuresPanel').then((m) => m.MeasuresPanel)),
  },
  {
    id: 'lens',
    label: 'Lens',
    title: 'Logit lens: what the model would say after every layer',
    needsPrompt: 'Write a prompt: the lens reads it layer by layer.',
    Content: lazyPart(() => import('./LensView').then((m) => m.LensView)),
  },
  {
    id: 'attention',
    label: 'Attention',
    title: 'Attention pattern: where one head looks',
    needsPrompt: 'Write a prompt to see where each head looks.',
    Content: lazyPart(() => import('./AttentionView').then((m) => m.AttentionView)),
  },
  {
    id: 'scatter',
    label: 'Scores',
    title: 'Two scores of every head against each other',
    needsPrompt: 'Write a prompt to score its heads.',
    Content: lazyPart(() => import('./ScoresView').then((m) => m.ScoresView)),
  },
  {
    id: 'code',
    label: 'Code',
    title: 'The same experiment as a script',
    needsPrompt: null,
    Content: lazyPart(() => import('./CodeView').then((m) => m.CodeView)),
  },
]

export const panelOf = (id: Tab): PanelEntry => {
  const entry = PANELS.find((panel) => panel.id === id)
  if (!entry) throw new Error(`No panel is called “${id}”.`)
  return entry
}
