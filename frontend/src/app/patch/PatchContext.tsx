import { useQuery } from '@tanstack/react-query'
import type { RouterHistory } from '@tanstack/react-router'
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react'
import { modelsQuery } from '@/api/queries'
import type { ModelInfo, ModelsResponse } from '@/api/types'
import type { Cuts } from '@/lib/cuts'
import type { GridShape } from '@/lib/heads'
import type { Methods } from '@/lib/methods'
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
import { useActions } from '../WorkspaceContext'
import { shapeOf } from '../workspaceStore'

/** Milliseconds until the address follows what is written: the browser's part in it waits for the numbers. */
const ADDRESS_PAUSE = 400

const NO_METHODS: Methods = []

type Kept = {
  readonly address: Address<PatchLink>
  /** Whether these cuts of the Prompt view have not come along yet; from then on they have. */
  readonly isNews: (cuts: Cuts) => boolean
}

const Context = createContext<Kept | null>(null)

type Props = { children: ReactNode; history: RouterHistory }

/** Gives the Patch view its address, which outlives the view. */
export function PatchProvider({ children, history }: Props) {
  const [kept] = useState((): Kept => ({
    address: createAddress(history, PATCH_LINKS, { path: '/patch', delay: ADDRESS_PAUSE }),
    isNews: news(),
  }))
  return <Context value={kept}>{children}</Context>
}

type Change = { push?: boolean; typing?: boolean }

export type PatchState = {
  /** What the address says; without prompts, the model's first example. */
  readonly patch: Patch
  readonly models: ModelsResponse | undefined
  /** How heads can be cut. */
  readonly methods: Methods
  readonly model: ModelInfo | null
  readonly shape: GridShape
  readonly update: (change: Partial<Patch>, options?: Change) => void
  readonly undo: (() => void) | null
  readonly redo: (() => void) | null
  /** The address as a link. */
  readonly link: string
}

function useKept(): Kept {
  const kept = useContext(Context)
  if (!kept) throw new Error('No PatchProvider stands around this component.')
  return kept
}

function news(): Kept['isNews'] {
  let known = '[]'
  return (cuts) => {
    const before = known
    known = JSON.stringify(cuts)
    return known !== before
  }
}

/** What is newly cut in the Prompt view comes along when one goes from there to here. */
export function useCarriedCuts({ patch, update }: PatchState): void {
  const { isNews } = useKept()
  const { cuts, model } = useActions().get().experiment
  const carry = () => {
    if (isNews(cuts) && model === patch.model) update({ cuts })
  }
  const onArrival = useRef(carry)
  useEffect(() => onArrival.current(), [])
}

/** What the address of the Patch view asks, and what changes it. */
export function usePatch(): PatchState {
  const { address } = useKept()
  const link = useSyncExternalStore(address.subscribe, address.get)
  const { data: models } = useQuery({ ...modelsQuery(), enabled: false })
  const patch = useMemo(() => read(link, models), [link, models])
  const methods: Methods = models?.methods ?? NO_METHODS
  const model = models?.models.find(({ name }) => name === patch.model) ?? null
  // Changes apply to what the address says at that moment, also after a wait.
  const update = useCallback<PatchState['update']>(
    (change, { push = false } = {}) =>
      address.set(encodePatch({ ...read(address.get(), models), ...change }, methods), { push }),
    [address, models, methods],
  )
  return {
    patch,
    models,
    methods,
    model,
    shape: shapeOf(model),
    update,
    undo: address.canUndo() ? address.undo : null,
    redo: address.canRedo() ? address.redo : null,
    link: writePatchLink(encodePatch(patch, methods)),
  }
}

function read(link: PatchLink, models: ModelsResponse | undefined): Patch {
  const methods: Methods = models?.methods ?? NO_METHODS
  const standard = { ...DEFAULT_PATCH, model: models?.default ?? null }
  const { model } = decodePatch(link, methods, standard)
  return decodePatch(link, methods, { ...standard, ...patchExamplesOf(model)[0]?.patch })
}
