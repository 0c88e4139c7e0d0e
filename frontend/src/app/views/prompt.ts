import { createRoute } from '@tanstack/react-router'
import { readLink } from '@/lib/url'
import { lazyPart } from '@/ui/lazyPart'
import type { ViewEntry } from './registry'
import { rootRoute } from './root'

export const promptView = {
  label: 'Prompt',
  title: 'What does cutting these heads do to this text?',
  skipTo: 'the grid of heads',
  route: createRoute({
    getParentRoute: () => rootRoute,
    path: '/',
    validateSearch: readLink,
    component: lazyPart(() => import('./PromptView').then((m) => m.PromptView)),
  }),
  Bar: lazyPart(() => import('./PromptBar').then((m) => m.PromptBar)),
} satisfies ViewEntry
