import { useQueryClient } from '@tanstack/react-query'
import type { RouterHistory } from '@tanstack/react-router'
import {
  createContext,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import { LINKS } from '@/lib/url'
import { createAddress } from './address'
import { WorkspaceStore, type WorkspaceState } from './workspaceStore'

const Context = createContext<WorkspaceStore | null>(null)

type Props = { children: ReactNode; history: RouterHistory }

/** Gives the page its workspace, which outlives the views that show it. */
export function WorkspaceProvider({ children, history }: Props) {
  const client = useQueryClient()
  const [own] = useState(() => new WorkspaceStore(client, createAddress(history, LINKS)))
  useEffect(() => own.open(), [own])
  return <Context value={own}>{children}</Context>
}

/** What changes the workspace: its actions, the same for as long as it stands. */
export function useActions(): WorkspaceStore {
  const workspace = useContext(Context)
  if (!workspace) throw new Error('No WorkspaceProvider stands around this component.')
  return workspace
}

/** A part of the workspace's state; renders when that part changes, not when others do. */
export function useWorkspace<Part>(select: (state: WorkspaceState) => Part): Part {
  const { subscribe, get } = useActions()
  return useSyncExternalStore(subscribe, () => select(get()))
}
