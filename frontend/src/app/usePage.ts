import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { loadModel } from '@/api/client'
import { importanceParams } from '@/api/requests'
import { useImportance, useRanking } from '@/features/importance/useImportance'
import type { RunBody } from '@/features/streams/run'
import { toggleHeads, topHeads } from '@/lib/cuts'
import { DEFAULT_EXPERIMENT, type Experiment, type TokenRef } from '@/lib/experiment'
import type { Head } from '@/lib/heads'
import { recall, remember } from '@/lib/storage'
import { useExperiment } from './useExperiment'
import { useNextToken } from './useNextToken'
import { useRun } from './useRun'
import { useModels, useServerAlive } from './useServer'
import { useShortcuts } from './useShortcuts'
import { useTokens } from './useTokens'

/** Why nothing can be run now; null when it can. */
function blockedBy(
  { prompt, model }: Experiment,
  info: ReturnType<typeof useExperiment>['model'],
): string | null {
  if (model === null) return 'No model is ready yet.'
  if (info && info.state !== 'ready') return `${info.title} is ${info.state}.`
  if (prompt === '') return 'Write a prompt first.'
  return null
}

const isSameText = (body: RunBody | null, { prompt, model, prependBos }: Experiment) =>
  body?.prompt === prompt && body.model === model && body.prepend_bos === prependBos

/** The tour shows on the first visit and not again. */
function useTour() {
  const [open, setOpen] = useState(() => recall('tour') === null)
  return {
    open,
    start: () => setOpen(true),
    end: () => {
      remember('tour', 'seen')
      setOpen(false)
    },
  }
}

function useLoadModel() {
  const client = useQueryClient()
  return useMutation({
    networkMode: 'always',
    mutationFn: loadModel,
    onSettled: () => client.invalidateQueries({ queryKey: ['models'] }),
  })
}

/** Everything the page knows and can do, put together for App to lay out. */
export function usePage() {
  const alive = useServerAlive()
  const models = useModels()
  const page = useExperiment(models.data)
  const { experiment, update, setCuts } = page
  const blocked = blockedBy(experiment, page.model)
  const ready = blocked === null

  const run = useRun(experiment, ready)
  const measurement = useImportance(experiment)
  const ranking = useRanking((result, k) => setCuts(topHeads(result.ranking, k, experiment.method)))
  const start = () => {
    if (ready) run.start()
  }
  useShortcuts({ run: start, stop: run.stop, undo: page.undo, redo: page.redo })

  return {
    ...page,
    alive,
    models,
    blocked,
    tokens: useTokens(experiment, ready),
    nextToken: useNextToken(experiment, ready),
    run,
    start,
    measurement,
    ranking,
    load: useLoadModel(),
    tour: useTour(),
    /** The last run read this prompt on this model, if with another cut. */
    sameText: isSameText(run.state.body, experiment),
    toggle: (head: Head) =>
      setCuts(toggleHeads(experiment.cuts, [head], experiment.method), { focus: head }),
    inspect: (focus: Head) => update({ focus, tab: 'attention' }),
    selectToken: (token: TokenRef) => update({ token, tab: 'lens' }),
    chooseModel: (model: string) => {
      const stock = page.model?.examples?.some(({ prompt }) => prompt === experiment.prompt)
      const first = models.data?.models.find(({ name }) => name === model)?.examples?.[0]?.prompt
      const prompt = stock && first ? first : experiment.prompt
      update({ model, prompt, cuts: [], focus: null, token: null }, { push: true })
      run.start({ model, prompt, cuts: [] })
    },
    chooseExample: (prompt: string) => {
      const patch = { prompt, cuts: DEFAULT_EXPERIMENT.cuts, token: null, focus: null }
      if (experiment.cuts.length > 0) setCuts([])
      update(patch, { push: true })
      run.start(patch)
    },
    ablateTop: (k: number) => {
      const score = experiment.score === 'none' ? 'gradient' : experiment.score
      update({ score })
      ranking.mutate({ params: importanceParams(experiment, score), k })
    },
  }
}

export type Page = ReturnType<typeof usePage>
