import { createRoute } from '@tanstack/react-router'
import { lazyPart } from '@/ui/lazyPart'
import type { ViewEntry } from './registry'
import { rootRoute } from './root'

export const savedView = {
  label: 'Saved',
  title: 'What has been kept, and how does it compare?',
  skipTo: 'the list of saved experiments',
  route: createRoute({
    getParentRoute: () => rootRoute,
    path: '/saved',
    component: lazyPart(() => import('./SavedView').then((m) => m.SavedView)),
  }),
  Bar: lazyPart(() => import('./SavedBar').then((m) => m.SavedBar)),
} satisfies ViewEntry
