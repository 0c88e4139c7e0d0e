import { createRoute } from '@tanstack/react-router'
import { first, type Query } from '@/lib/query'
import { readId } from '@/lib/url'
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
    /** Of a classroom link, whose answers are shown in place of the list. */
    validateSearch: (query: Query) => ({ class: readId(first(query, 'class')) ?? undefined }),
    component: lazyPart(() => import('./SavedView').then((m) => m.SavedView)),
  }),
  Bar: lazyPart(() => import('./SavedBar').then((m) => m.SavedBar)),
} satisfies ViewEntry
