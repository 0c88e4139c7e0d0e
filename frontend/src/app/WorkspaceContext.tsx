import { useQueryClient } from '@tanstack/react-query'
import {
  createContext,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import { createUrlStore } from '@/lib/urlStore'
import { WorkspaceStore, type WorkspaceState } from './workspaceStore'

const Context = createContext<WorkspaceStore | null>(null)

type Props = { children: ReactNode; workspace?: WorkspaceStore }

/** Gives the page its workspace; without one given, that of this window's address. */
export function WorkspaceProvider({ children, workspace: given }: Props) {
  const client = useQueryClient()
  const [own] = useState(() => given ?? new WorkspaceStore(client, createUrlStore(window)))
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
