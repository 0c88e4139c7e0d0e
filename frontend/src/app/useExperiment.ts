import { useCallback, useMemo, useState, useSyncExternalStore } from 'react'
import type { ModelInfo, ModelsResponse } from '@/api/types'
import { insideOf, type Cuts } from '@/lib/cuts'
import { DEFAULT_EXPERIMENT, type Experiment } from '@/lib/experiment'
import { isInside, type GridShape } from '@/lib/heads'
import { NO_HISTORY, record, redo, undo, type History } from '@/lib/history'
import { decode, encode, hasPrompt } from '@/lib/url'
import { createUrlStore } from '@/lib/urlStore'

const address = createUrlStore(window)

export const GPT2_SHAPE: GridShape = { nLayers: 12, nHeads: 12 }

const shapeOf = (model: ModelInfo | null): GridShape =>
  model?.n_layers && model.n_heads ? { nLayers: model.n_layers, nHeads: model.n_heads } : GPT2_SHAPE

const named = (models: ModelsResponse | undefined, name: string | null) =>
  models?.models.find((model) => model.name === name) ?? null

/** What the page shows: the address, and where it is silent, the answering model's first example. */
export function useExperiment(models: ModelsResponse | undefined) {
  const search = useSyncExternalStore(address.subscribe, address.get)
  const [history, setHistory] = useState<History<Cuts>>(NO_HISTORY)

  const model = named(models, decode(search).model ?? models?.default ?? null)
  const shape = shapeOf(model)
  const { nLayers, nHeads } = shape
  const first = model?.examples?.[0]?.prompt ?? ''
  const answering = models?.default ?? null

  /** The whole experiment that a query means now. */
  const read = useCallback(
    (query: string): Experiment => {
      const written = decode(query, { ...DEFAULT_EXPERIMENT, prompt: first, model: answering })
      const inside = { nLayers, nHeads }
      return {
        ...written,
        cuts: insideOf(written.cuts, inside),
        focus: written.focus && isInside(written.focus, inside) ? written.focus : null,
      }
    },
    [first, answering, nLayers, nHeads],
  )
  const experiment = useMemo(() => read(search), [read, search])

  // Changes apply to what the address says at that moment, also after a wait.
  const update = useCallback(
    (patch: Partial<Experiment>, options?: { push?: boolean }) => {
      const query = address.get()
      // Before the models are known there is no example to write down.
      const withPrompt = hasPrompt(query) || first !== '' || patch.prompt !== undefined
      address.set(encode({ ...read(query), ...patch }, { withPrompt }), options)
    },
    [read, first],
  )

  function setCuts(cuts: Cuts, patch: Partial<Experiment> = {}) {
    const { cuts: before } = read(address.get())
    if (cuts !== before) setHistory((history) => record(history, before))
    update({ cuts, ...patch })
  }

  function walk(step: typeof undo<Cuts>) {
    const next = step(history, experiment.cuts)
    if (!next) return
    setHistory(next.history)
    update({ cuts: next.present })
  }

  return {
    experiment,
    model,
    shape,
    update,
    setCuts,
    undo: history.past.length > 0 ? () => walk(undo) : null,
    redo: history.future.length > 0 ? () => walk(redo) : null,
  }
}
