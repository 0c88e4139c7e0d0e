import { createRoute } from '@tanstack/react-router'
import { readEvidenceLink } from '@/lib/evidenceLink'
import { lazyPart } from '@/ui/lazyPart'
import type { ViewEntry } from './registry'
import { rootRoute } from './root'

export const evidenceView = {
  label: 'Evidence',
  title: 'Does it hold over a task? Every head’s mean over many prompts, with error bars',
  skipTo: 'the grid of heads',
  route: createRoute({
    getParentRoute: () => rootRoute,
    path: '/evidence',
    validateSearch: readEvidenceLink,
    component: lazyPart(() => import('../evidence/EvidenceView').then((m) => m.EvidenceView)),
  }),
  Bar: lazyPart(() => import('../evidence/EvidenceBar').then((m) => m.EvidenceBar)),
} satisfies ViewEntry
