import { useMutation, useQueryClient } from '@tanstack/react-query'
import { loadModel } from '@/api/client'
import { modelsQuery } from '@/api/queries'

/** Loads a model; the list then says how far it is. */
export function useLoadModel() {
  const client = useQueryClient()
  return useMutation({
    networkMode: 'always',
    mutationFn: loadModel,
    onSettled: () => client.invalidateQueries(modelsQuery()),
  })
}
