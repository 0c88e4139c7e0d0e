import { useQuery, useQueryClient, type Query } from '@tanstack/react-query'
import { useState, useSyncExternalStore } from 'react'
import { getModels, isServerAlive } from '@/api/client'
import { modelsQuery } from '@/api/queries'
import type { ModelInfo, ModelsResponse } from '@/api/types'
import { ALIVE, askAgain, createRecovery } from './queryClient'

/** False from the first unanswered request until the server answers its probe again. */
export function useServerAlive(): boolean {
  const client = useQueryClient()
  const [recovery] = useState(() => createRecovery(client))
  const { data } = useQuery({
    queryKey: ALIVE,
    queryFn: async ({ signal }) => {
      const before = client.getQueryData(ALIVE)
      const alive = await isServerAlive(signal)
      if (alive && before === false) void client.invalidateQueries(modelsQuery())
      if (alive) recovery.isAlive(before === false)
      return alive
    },
    refetchInterval: ({ state }) => (state.data === false ? 1000 : 10_000),
  })
  return data ?? true
}

/** What the probe said last, for whoever waits for the server and does not probe. */
export function useIsAlive(): boolean {
  const client = useQueryClient()
  return useSyncExternalStore(
    (listener) => client.getQueryCache().subscribe(listener),
    () => client.getQueryData(ALIVE) !== false,
  )
}

const readyIn = (models: ModelsResponse | undefined) =>
  models?.models.filter(({ state }) => state === 'ready').length ?? 0

const isFailed = ({ state }: Query) => state.status === 'error'

const isOnItsWay = ({ state }: ModelInfo) => state === 'downloading' || state === 'loading'

/** The models and their states, asked often while one of them is on its way. */
export function useModels() {
  const client = useQueryClient()
  return useQuery({
    ...modelsQuery(),
    queryFn: async ({ signal }) => {
      const before = client.getQueryData(modelsQuery().queryKey)
      const models = await getModels(signal)
      if (readyIn(models) > readyIn(before)) {
        const failed = client.getQueryCache().findAll({ predicate: isFailed })
        failed.forEach((query) => askAgain(client, query))
      }
      return models
    },
    refetchInterval: ({ state: { data } }) =>
      !data || data.default === null || data.models.some(isOnItsWay) ? 1000 : 30_000,
  })
}
