import { useQuery } from '@tanstack/react-query'
import type { RouterHistory } from '@tanstack/react-router'
import {
  createContext,
  useContext,
  useMemo,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import { modelsQuery } from '@/api/queries'
import type { ModelInfo, ModelsResponse } from '@/api/types'
import type { GridShape } from '@/lib/heads'
import { DEFAULT_PATCH, type Patch } from '@/lib/patch'
import {
  decodePatch,
  encodePatch,
  PATCH_LINKS,
  writePatchLink,
  type PatchLink,
} from '@/lib/patchLink'
import { patchExamplesOf } from '@/lib/patchExamples'
import { createAddress, type Address } from '../address'
import { GPT2_SHAPE } from '../workspaceStore'

const Context = createContext<Address<PatchLink> | null>(null)

type Props = { children: ReactNode; history: RouterHistory }

/** Gives the Patch view its address, which outlives the view. */
export function PatchProvider({ children, history }: Props) {
  const [address] = useState(() => createAddress(history, PATCH_LINKS, { path: '/patch' }))
  return <Context value={address}>{children}</Context>
}

type Change = { push?: boolean; typing?: boolean }

export type PatchState = {
  /** What the address says; without prompts, the model's first example. */
  readonly patch: Patch
  readonly models: ModelsResponse | undefined
  readonly model: ModelInfo | null
  readonly shape: GridShape
  readonly update: (change: Partial<Patch>, options?: Change) => void
  readonly undo: (() => void) | null
  readonly redo: (() => void) | null
  /** The address as a link. */
  readonly link: string
}

/** What the address of the Patch view asks, and what changes it. */
export function usePatch(): PatchState {
  const address = useContext(Context)
  if (!address) throw new Error('No PatchProvider stands around this component.')
  const link = useSyncExternalStore(address.subscribe, address.get)
  const { data: models } = useQuery({ ...modelsQuery(), enabled: false })
  const patch = useMemo(() => read(link, models), [link, models])
  const model = models?.models.find(({ name }) => name === patch.model) ?? null
  return {
    patch,
    models,
    model,
    shape:
      model?.n_layers && model.n_heads
        ? { nLayers: model.n_layers, nHeads: model.n_heads }
        : GPT2_SHAPE,
    // Changes apply to what the address says at that moment, also after a wait.
    update: (change, { push = false } = {}) =>
      address.set(encodePatch({ ...read(address.get(), models), ...change }), { push }),
    undo: address.canUndo() ? address.undo : null,
    redo: address.canRedo() ? address.redo : null,
    link: writePatchLink(encodePatch(patch)),
  }
}

function read(link: PatchLink, models: ModelsResponse | undefined): Patch {
  const standard = { ...DEFAULT_PATCH, model: models?.default ?? null }
  const { model } = decodePatch(link, standard)
  return decodePatch(link, { ...standard, ...patchExamplesOf(model)[0]?.patch })
}
