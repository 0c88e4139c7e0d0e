import { createRouter, type RouterHistory } from '@tanstack/react-router'
import { parseQuery, writeQuery } from '@/lib/query'
import { NoView } from './NoView'
import { Shell } from './Shell'
import { VIEWS, type ViewEntry } from './views/registry'
import { rootRoute } from './views/root'

type RoutesOf<Views extends readonly ViewEntry[]> = {
  -readonly [Index in keyof Views]: Views[Index]['route']
}

/** Keeps each route's own type, so that links to it are checked. */
const routesOf = <const Views extends readonly ViewEntry[]>(views: Views) =>
  views.map(({ route }) => route) as RoutesOf<Views>

const routeTree = rootRoute
  .update({ component: Shell, notFoundComponent: NoView })
  .addChildren(routesOf(VIEWS))

/** The views at their addresses; queries are read and written as a person would. */
export const createViewRouter = (history?: RouterHistory) =>
  createRouter({
    routeTree,
    history,
    parseSearch: parseQuery,
    stringifySearch: writeQuery,
    defaultPreload: 'intent',
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createViewRouter>
  }
}
