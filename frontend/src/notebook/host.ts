import { createContext, useCallback, useContext, useSyncExternalStore } from 'react'

/** What of a notebook's model is used here, as anywidget gives it to every front end. */
export type HostModel = {
  get: (name: string) => unknown
  on: (event: string, listener: () => void) => void
  off: (event: string, listener: () => void) => void
  send: (content: unknown) => void
}

export const Host = createContext<HostModel | null>(null)

function useHost(): HostModel {
  const model = useContext(Host)
  if (!model) throw new Error('A part stands in a notebook: it needs its model.')
  return model
}

/** What the kernel says under a name, as of now. */
export function useTrait<T>(name: string): T {
  const model = useHost()
  const subscribe = useCallback(
    (listener: () => void) => {
      model.on(`change:${name}`, listener)
      return () => model.off(`change:${name}`, listener)
    },
    [model, name],
  )
  return useSyncExternalStore(subscribe, () => model.get(name)) as T
}

/** Asks the kernel for changes of what the part shows; it answers by what it says. */
export function useAsk() {
  const model = useHost()
  return useCallback((changes: Readonly<Record<string, unknown>>) => model.send(changes), [model])
}
