import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { inferBodyOf } from '@/api/requests'
import { InferRun } from '@/features/streams/run'
import type { Experiment } from '@/lib/experiment'
import { noticeLoss } from './queryClient'

/** The run of both texts; an opened page or link runs by itself, once. */
export function useRun(experiment: Experiment, ready: boolean) {
  const client = useQueryClient()
  const [run] = useState(() => {
    const created = new InferRun()
    created.onLost = () => noticeLoss(client)
    return created
  })
  const state = useSyncExternalStore(run.subscribe, run.get)
  const body = useMemo(() => inferBodyOf(experiment), [experiment])

  useEffect(() => {
    if (ready && run.get().status === 'idle') void run.start(body)
  }, [ready, run, body])

  return {
    state,
    outdated: state.body !== null && JSON.stringify(state.body) !== JSON.stringify(body),
    start: (patch: Partial<Experiment> = {}) =>
      void run.start(inferBodyOf({ ...experiment, ...patch })),
    stop: run.stop,
  }
}
