import { createRootRoute } from '@tanstack/react-router'

/** What every view's route hangs from. */
export const rootRoute = createRootRoute()
