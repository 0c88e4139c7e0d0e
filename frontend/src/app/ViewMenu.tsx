import { Link, useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { parseQuery, type Query } from '@/lib/query'
import { VIEWS } from './views/registry'

/** The ways to the other views, each as it was left. */
export function ViewMenu() {
  const { history } = useRouter()
  const [left] = useState(() => new Map<string, Query>())
  useEffect(() => {
    const note = () => {
      const { pathname, search } = history.location
      left.set(pathname, parseQuery(search))
    }
    note()
    return history.subscribe(note)
  }, [history, left])

  if (VIEWS.length < 2) return null
  return (
    <nav aria-label="Views" className="flex overflow-x-auto">
      {VIEWS.map(({ label, title, route }) => (
        <Link
          key={label}
          to={route.fullPath}
          // The view wrote it itself, so it is of its type; a list of views has no single one.
          search={() => (left.get(route.fullPath) ?? {}) as never}
          title={title}
          className="rounded-md px-2.5 py-1.5 text-sm lg:max-xl:px-2 whitespace-nowrap text-ink-2 -outline-offset-2 hover:text-ink pointer-coarse:py-2.5"
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ className: 'font-semibold text-ink! bg-line/60' }}
        >
          {label}
        </Link>
      ))}
    </nav>
  )
}
