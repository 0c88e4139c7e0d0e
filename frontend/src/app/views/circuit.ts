import { createRoute } from '@tanstack/react-router'
import { readCircuitLink } from '@/lib/circuitLink'
import { lazyPart } from '@/ui/lazyPart'
import type { ViewEntry } from './registry'
import { rootRoute } from './root'

export const circuitView = {
  label: 'Circuit',
  title: 'Are these heads enough for a task, and needed? Beside random circuits, with their paths',
  skipTo: 'the grid of heads',
  route: createRoute({
    getParentRoute: () => rootRoute,
    path: '/circuit',
    validateSearch: readCircuitLink,
    component: lazyPart(() => import('../circuit/CircuitView').then((m) => m.CircuitView)),
  }),
  Bar: lazyPart(() => import('../circuit/CircuitBar').then((m) => m.CircuitBar)),
} satisfies ViewEntry
