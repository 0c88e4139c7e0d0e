import { Outlet, useMatches, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { HelpPanel } from '@/features/help/HelpPanel'
import { Boundary } from '@/ui/Boundary'
import { Header } from './Header'
import { Notices } from './Notices'
import { ThemeButton } from './ThemeButton'
import { useModels, useServerAlive } from './useServer'
import { ViewMenu } from './ViewMenu'
import { VIEWS, type ViewEntry } from './views/registry'
import { useActions } from './WorkspaceContext'

const NAME = 'Attention Surgery'

function useView(): ViewEntry | undefined {
  const id = useMatches({ select: (matches) => matches.at(-1)?.routeId })
  return VIEWS.find(({ route }) => route.id === id)
}

/** What stands around every view: the header, what concerns the server, and the view's boundary. */
export function Shell() {
  const view = useView()
  const navigate = useNavigate()
  const { startTour } = useActions()
  const main = useRef<HTMLElement>(null)
  const title = !view || view === VIEWS[0] ? NAME : `${view.label} · ${NAME}`
  useEffect(() => {
    document.title = title
  }, [title])

  function skip() {
    const cell = main.current?.querySelector<HTMLElement>('[role=grid] [tabindex="0"]')
    const place = cell ?? main.current
    place?.focus()
  }

  async function tour() {
    if (view !== VIEWS[0]) await navigate({ to: '/' })
    startTour()
  }

  return (
    <div className="mx-auto flex max-w-[160rem] flex-col px-2 sm:px-4 lg:h-dvh lg:min-h-[44rem] lg:pb-3 lg:in-data-large:min-h-0">
      {view && (
        <button
          type="button"
          // A grid is one tab stop: this leads to its cell, not to what stands before it.
          onClick={skip}
          className="sr-only rounded bg-surface px-3 py-2 focus:not-sr-only focus:absolute focus:z-50"
        >
          Skip to {view.skipTo}
        </button>
      )}
      <Header
        // A room has nothing to do with it.
        className="in-data-large:hidden"
        menu={<ViewMenu />}
        bar={
          view && (
            <Boundary key={view.label} name="The menu" placeholder={<></>}>
              <view.Bar />
            </Boundary>
          )
        }
        aside={
          <>
            <HelpPanel onTour={() => void tour()} />
            <ThemeButton />
          </>
        }
      />
      <main ref={main} tabIndex={-1} className="flex min-h-0 flex-1 flex-col gap-2.5 outline-none">
        <ServerNotices />
        <Boundary key={view?.label} name={view?.label ?? 'This page'}>
          <Outlet />
        </Boundary>
      </main>
    </div>
  )
}

function ServerNotices() {
  const alive = useServerAlive()
  const models = useModels()
  return <Notices alive={alive} error={models.error} onRetry={() => void models.refetch()} />
}
