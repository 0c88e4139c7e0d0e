import type { QueryClient } from '@tanstack/react-query'
import { modelsQuery, nextTokenQuery, runStream } from '@/api/queries'
import { inferBodyOf, nextTokenBodyOf, type RunBody } from '@/api/requests'
import { restart, stop, streamOptions } from '@/api/streamQuery'
import type { Example, ModelInfo, ModelsResponse } from '@/api/types'
import { cutOf, possible, toggleHeads, topHeads, type Cuts } from '@/lib/cuts'
import { DEFAULT_EXPERIMENT, type Experiment, type TokenRef } from '@/lib/experiment'
import { byPosition, isHead, isInside, type GridShape, type Head, type Site } from '@/lib/heads'
import type { Methods } from '@/lib/methods'
import { recall, remember } from '@/lib/storage'
import { decode, encode, type Link } from '@/lib/url'
import type { Address } from './address'

/** What stands on the page, as one value; whoever needs a part selects it. */
export type WorkspaceState = {
  /** What the page shows: what the link says, as far as this model can do it. */
  readonly experiment: Experiment
  /** The experiment that questions are about: behind `experiment` while text is being typed. */
  readonly asked: Experiment
  /** Cuts of the link that this model cannot make; they stay in the link. */
  readonly hidden: Cuts
  /** The run that was started last. */
  readonly started: RunBody | null
  readonly models: ModelsResponse | undefined
  readonly model: ModelInfo | null
  readonly shape: GridShape
  readonly methods: Methods
  /** What a click shows is in view; where there is little room that takes an open sheet. */
  readonly revealed: boolean
  /** The tour is asked for; by itself it comes on a first visit that no link led to. */
  readonly touring: boolean
  /** The address says what is asked, not only which saved experiment it is. */
  readonly isWritten: boolean
  /** Shown to a room. */
  readonly presenting: boolean
  readonly canUndo: boolean
  readonly canRedo: boolean
}

export const GPT2_SHAPE: GridShape = { nLayers: 12, nHeads: 12 }

/** The grid of a model; GPT-2 Small's as long as nothing is known of it. */
export const shapeOf = (model: ModelInfo | null): GridShape =>
  model?.n_layers && model.n_heads ? { nLayers: model.n_layers, nHeads: model.n_heads } : GPT2_SHAPE

/** Milliseconds without a key after which typed text is asked about. */
const typingPause = 120

type Change = {
  /** A step to come back to with Back or undo. */
  push?: boolean
  /** More is likely to follow at once. */
  typing?: boolean
}

const named = (models: ModelsResponse | undefined, name: string | null) =>
  models?.models.find((model) => model.name === name) ?? null

/** One experiment: its address, what it means on its model, and everything that changes it. */
export class WorkspaceStore {
  readonly #client: QueryClient
  readonly #address: Address<Link>
  readonly #listeners = new Set<() => void>()
  #state: WorkspaceState
  #isTyping = false
  #pause: ReturnType<typeof setTimeout> | null = null
  /** What the page opened with answers until the reader chooses another. */
  #answering: string | null = null

  constructor(client: QueryClient, address: Address<Link>) {
    this.#client = client
    this.#address = address
    const experiment = decode(address.get(), [])
    this.#state = {
      experiment,
      asked: experiment,
      hidden: [],
      started: null,
      models: undefined,
      model: null,
      shape: GPT2_SHAPE,
      methods: [],
      revealed: false,
      presenting: false,
      touring: recall('tour') === null && Object.keys(address.get()).length === 0,
      isWritten: address.get().p !== undefined,
      canUndo: address.canUndo(),
      canRedo: false,
    }
    this.#refresh()
  }

  readonly get = (): WorkspaceState => this.#state

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Listens to the address and the list of models until the returned function is called. */
  readonly open = () => {
    const fromAddress = this.#address.subscribe(() => this.#refresh())
    const [models] = modelsQuery().queryKey
    const fromModels = this.#client.getQueryCache().subscribe(({ query }) => {
      if (query.queryKey[0] === models && query.state.data !== this.#state.models) this.#refresh()
    })
    this.#refresh()
    return () => {
      fromAddress()
      fromModels()
    }
  }

  #set(patch: Partial<WorkspaceState>) {
    this.#state = { ...this.#state, ...patch }
    this.#listeners.forEach((listener) => listener())
  }

  /** What the address means now, with what of it this model cannot do. */
  #read(): Pick<WorkspaceState, 'experiment' | 'hidden' | 'model' | 'shape' | 'methods'> & {
    written: Experiment
  } {
    const link = this.#address.get()
    const models = this.#client.getQueryData(modelsQuery().queryKey)
    const methods: Methods = models?.methods ?? []
    if (!named(models, this.#answering)) this.#answering = models?.default ?? null
    const standard = { ...DEFAULT_EXPERIMENT, model: this.#answering }
    const chosen = decode(link, methods, standard).model
    const model = named(models, chosen)
    const first = model?.examples?.[0]
    const written = decode(link, methods, {
      ...standard,
      prompt: first?.prompt ?? '',
      example: first?.id ?? null,
    })
    const shape = shapeOf(model)
    const { shown, hidden } = possible(written.cuts, shape, methods)
    const { focus } = written
    return {
      written,
      experiment: {
        ...written,
        cuts: hidden.length === 0 ? written.cuts : shown,
        focus: focus && isInside(focus, shape) ? focus : null,
      },
      hidden,
      model,
      shape,
      methods,
    }
  }

  /** Asks what follows another cut of the same text before the page is drawn for it. */
  #hasten(next: Experiment) {
    const before = this.#state.asked
    const known = nextTokenQuery(nextTokenBodyOf({ ...next, cuts: before.cuts }))
    if (this.#client.getQueryData(known.queryKey) === undefined) return
    void this.#client.prefetchQuery(nextTokenQuery(nextTokenBodyOf(next)))
  }

  #refresh() {
    const { experiment, hidden, model, shape, methods } = this.#read()
    if (!this.#isTyping) this.#hasten(experiment)
    if (this.#pause !== null) clearTimeout(this.#pause)
    this.#pause = this.#isTyping
      ? setTimeout(() => this.#set({ asked: this.#state.experiment }), typingPause)
      : null
    this.#set({
      experiment,
      ...(this.#isTyping ? {} : { asked: experiment }),
      hidden,
      models: this.#client.getQueryData(modelsQuery().queryKey),
      model,
      shape,
      methods,
      isWritten: this.#address.get().p !== undefined,
      canUndo: this.#address.canUndo(),
      canRedo: this.#address.canRedo(),
    })
  }

  /** Shows what a link says; where the address said nothing yet, that is no step. */
  readonly follow = (link: Link) => this.#address.set(link, { push: this.#state.isWritten })

  /** Changes apply to what the address says at that moment, also after a wait. */
  readonly update = (patch: Partial<Experiment>, { push = false, typing = false }: Change = {}) => {
    const { written, hidden, methods, model } = this.#read()
    const next: Experiment = {
      ...written,
      ...patch,
      ...(patch.cuts && { cuts: [...patch.cuts, ...hidden].sort(byPosition) }),
      ...(patch.brush && { unread: { ...written.unread, brush: null } }),
    }
    // Before the models are known there is no example to write down.
    const withPrompt =
      this.#address.get().p !== undefined ||
      patch.prompt !== undefined ||
      Boolean(model?.examples?.length)
    this.#isTyping = typing
    this.#address.set(encode(next, methods, { withPrompt }), { push })
    this.#isTyping = false
  }

  readonly setCuts = (cuts: Cuts, patch: Partial<Experiment> = {}) =>
    this.update({ cuts, ...patch }, { push: true })

  readonly toggle = (site: Site) => {
    const { cuts, brush, focus } = this.#state.experiment
    this.setCuts(toggleHeads(cuts, [site], brush), { focus: isHead(site) ? site : focus })
  }

  /** Drops the cuts that this model cannot make from the link too. */
  readonly forgetHidden = () => {
    const { experiment } = this.#read()
    const unread = { ...experiment.unread, cuts: [] }
    const { methods } = this.#state
    this.#address.set(encode({ ...experiment, unread }, methods), { push: true })
  }

  readonly undo = () => this.#address.undo()
  readonly redo = () => this.#address.redo()

  readonly reveal = (revealed: boolean) => this.#set({ revealed })

  readonly present = (presenting: boolean) => this.#set({ presenting })

  readonly startTour = () => this.#set({ touring: true })

  readonly endTour = () => {
    remember('tour', 'seen')
    this.#set({ touring: false })
  }

  readonly inspect = (focus: Head) => {
    this.update({ focus, tab: 'attention' })
    this.reveal(true)
  }

  readonly selectToken = (token: TokenRef) => {
    this.update({ token, tab: 'lens' })
    this.reveal(true)
  }

  /** Heads by rank: in place of the cut ones, or where scores are given the cuts, beside them. */
  readonly cutTop = (ranking: readonly Head[], k: number) => {
    const { cuts, brush, given } = this.#state.experiment
    const intact = ranking.filter((head) => !cutOf(cuts, head))
    this.setCuts(
      given && cuts.length > 0
        ? [...cuts, ...topHeads(intact, k, brush)].sort(byPosition)
        : topHeads(ranking, k, brush),
    )
  }

  readonly chooseModel = (name: string) => {
    const { experiment, model, models } = this.#state
    const stock = model?.examples?.some(({ prompt }) => prompt === experiment.prompt)
    const first = named(models, name)?.examples?.[0]
    const { prompt, example } =
      stock && first ? { prompt: first.prompt, example: first.id ?? null } : experiment
    this.#begin({ model: name, prompt, example })
  }

  readonly chooseExample = ({ prompt, id }: Example) => this.#begin({ prompt, example: id ?? null })

  /** A new question: nothing of what was asked about the old one stands. */
  #begin(patch: Partial<Experiment>) {
    const { cuts, metric, answer, foil, focus, token, saved, classroom } = DEFAULT_EXPERIMENT
    this.update(
      { cuts, metric, answer, foil, focus, token, saved, classroom, ...patch },
      { push: true },
    )
    this.run()
  }

  /** Writes both texts anew; the run before is ended. */
  readonly run = () => {
    this.stop()
    const started = inferBodyOf(this.#state.experiment)
    this.#set({ started, asked: this.#state.experiment })
    void restart(this.#client, runStream(started))
  }

  /** Writes both texts where nobody has yet: a saved experiment brings its own. */
  readonly runUnlessWritten = () => {
    const started = inferBodyOf(this.#state.experiment)
    this.#set({ started, asked: this.#state.experiment })
    void this.#client.prefetchQuery(streamOptions(runStream(started)))
  }

  readonly stop = () => {
    const { started } = this.#state
    if (started) void stop(this.#client, runStream(started))
  }
}
