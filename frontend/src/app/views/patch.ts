import { createRoute } from '@tanstack/react-router'
import { readPatchLink } from '@/lib/patchLink'
import { lazyPart } from '@/ui/lazyPart'
import type { ViewEntry } from './registry'
import { rootRoute } from './root'

export const patchView = {
  label: 'Patch',
  title: 'Clean against corrupt: through which heads does the difference flow?',
  skipTo: 'the grid of heads',
  route: createRoute({
    getParentRoute: () => rootRoute,
    path: '/patch',
    validateSearch: readPatchLink,
    component: lazyPart(() => import('../patch/PatchView').then((m) => m.PatchView)),
  }),
  Bar: lazyPart(() => import('../patch/PatchBar').then((m) => m.PatchBar)),
} satisfies ViewEntry
