import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { getModels, isServerAlive } from '@/api/client'
import type { ModelInfo, ModelsResponse } from '@/api/types'
import { ALIVE } from './queryClient'

const MODELS = ['models'] as const

/** What failed is asked again. */
const askAgain = (client: QueryClient) =>
  client.invalidateQueries({ predicate: ({ state }) => state.status === 'error' })

/** False from the first unanswered request until the server answers its probe again. */
export function useServerAlive(): boolean {
  const client = useQueryClient()
  const { data } = useQuery({
    queryKey: ALIVE,
    queryFn: async ({ signal }) => {
      const before = client.getQueryData(ALIVE)
      const alive = await isServerAlive(signal)
      if (alive && before === false) {
        void client.invalidateQueries({ queryKey: MODELS })
        void askAgain(client)
      }
      return alive
    },
    refetchInterval: ({ state }) => (state.data === false ? 1000 : 10_000),
  })
  return data ?? true
}

const readyIn = (models: ModelsResponse | undefined) =>
  models?.models.filter(({ state }) => state === 'ready').length ?? 0

const isOnItsWay = ({ state }: ModelInfo) => state === 'downloading' || state === 'loading'

/** The models and their states, asked often while one of them is on its way. */
export function useModels() {
  const client = useQueryClient()
  return useQuery({
    queryKey: MODELS,
    queryFn: async ({ signal }) => {
      const before = client.getQueryData<ModelsResponse>(MODELS)
      const models = await getModels(signal)
      if (readyIn(models) > readyIn(before)) void askAgain(client)
      return models
    },
    refetchInterval: ({ state: { data } }) =>
      !data || data.default === null || data.models.some(isOnItsWay) ? 1000 : 30_000,
  })
}
