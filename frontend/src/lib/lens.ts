/** Reading the logit lens: which layer decides, and where the two runs part. */

import type { TokenRef } from './experiment'

/** Readouts of one run, [layer][column][…]; see the API's LensRun. */
export type LensRun = {
  readonly top_ids: readonly (readonly (readonly number[])[])[]
  readonly top_probs: readonly (readonly (readonly number[])[])[]
  readonly target_prob: readonly (readonly number[])[]
  readonly target_rank: readonly (readonly number[])[]
  readonly entropy: readonly (readonly number[])[]
  readonly kl_to_final: readonly (readonly number[])[]
  readonly tracked_probs: readonly (readonly (readonly number[])[])[]
}

/** The API's LogitLensResponse as far as it is read here. */
export type Lens = {
  readonly positions: readonly number[]
  readonly layers: readonly string[]
  readonly targets: readonly number[]
  readonly tracked: readonly (readonly number[])[]
  readonly control: LensRun
  readonly ablated: LensRun
  readonly token_texts: Readonly<Record<string, string>>
}

export type RunName = 'control' | 'ablated'

/**
 * Position whose prediction a token came from: the one before it. The first token of all has no
 * prediction; it stands for what follows it. Without a token it is the first after the prompt.
 */
export function positionOf(ref: TokenRef | null, promptLength: number, length: number): number {
  const own =
    ref === null ? promptLength : ref.stream === 'prompt' ? ref.index : promptLength + ref.index
  return Math.min(Math.max(own - 1, 0), Math.max(length - 1, 0))
}

/** The token a position predicts, in the stream the lens reads. */
export function predictedBy(
  position: number,
  promptLength: number,
  stream: 'control' | 'ablated',
): TokenRef {
  const own = position + 1
  return own < promptLength
    ? { stream: 'prompt', index: own }
    : { stream, index: own - promptLength }
}

/** At most `size` positions around the chosen one; moving within them keeps the same ones. */
export function windowOf(chosen: number, length: number, size = 48): number[] {
  const start = Math.floor(chosen / size) * size
  const count = Math.max(0, Math.min(size, length - start))
  return Array.from({ length: count }, (_, i) => start + i)
}

/** The readouts after a layer with a cut, each once; the first readout is the embedding's. */
export const cutReadouts = (cuts: readonly { readonly layer: number }[]): number[] => [
  ...new Set(cuts.map(({ layer }) => layer + 1)),
]

export const tokenText = (lens: Lens, id: number): string => lens.token_texts[id] ?? `#${id}`

export type Cell = { readonly id: number; readonly prob: number }

const columnOfRun = (run: LensRun, column: number): LensRun => {
  const cut = <T>(layers: readonly (readonly T[])[]) =>
    layers.map((layer) => layer.slice(column, column + 1))
  return {
    top_ids: cut(run.top_ids),
    top_probs: cut(run.top_probs),
    target_prob: cut(run.target_prob),
    target_rank: cut(run.target_rank),
    entropy: cut(run.entropy),
    kl_to_final: cut(run.kl_to_final),
    tracked_probs: cut(run.tracked_probs),
  }
}

/** The lens at one of its columns alone. */
export const columnOf = <L extends Lens>(lens: L, column: number): L => ({
  ...lens,
  positions: lens.positions.slice(column, column + 1),
  targets: lens.targets.slice(column, column + 1),
  tracked: lens.tracked.slice(column, column + 1),
  control: columnOfRun(lens.control, column),
  ablated: columnOfRun(lens.ablated, column),
})

/** The likeliest token of one cell. */
export const topOf = (run: LensRun, layer: number, column: number): Cell => ({
  id: run.top_ids[layer]?.[column]?.[0] ?? -1,
  prob: run.top_probs[layer]?.[column]?.[0] ?? 0,
})

/** What a run puts first at each layer of one column. */
export const firstChoices = (run: LensRun, column: number): number[] =>
  run.top_ids.map((_, layer) => topOf(run, layer, column).id)

/** The first layer from which the final choice stays first to the end. */
export function settledFrom(choices: readonly number[]): number {
  const final = choices.at(-1)
  let layer = choices.length - 1
  while (layer > 0 && choices[layer - 1] === final) layer--
  return layer
}

/** A run's final answer, and the layer from which it leads to the end. */
export type Lead = {
  readonly id: number
  readonly from: number
  /** Its probability at that layer, and after the last. */
  readonly probThere: number
  readonly prob: number
}

export type Story = {
  readonly control: Lead
  readonly ablated: Lead
  /** First layer from which the first choices differ to the end; null where the answers agree. */
  readonly partsAt: number | null
  /** Layers before that at which they differ. */
  readonly differsAt: readonly number[]
  /** The token followed, and its final rank in both runs; 0 is the likeliest. */
  readonly target: { readonly id: number; readonly ranks: readonly [number, number] }
  /** No number of the two runs differs. */
  readonly untouched: boolean
}

function leadOf(run: LensRun, column: number): Lead {
  const choices = firstChoices(run, column)
  const from = settledFrom(choices)
  return {
    ...topOf(run, choices.length - 1, column),
    from,
    probThere: topOf(run, from, column).prob,
  }
}

/** First layer from which all flags are set; null where the last is not. */
function setForGood(flags: readonly boolean[]): number | null {
  const from = flags.lastIndexOf(false) + 1
  return from < flags.length ? from : null
}

const sameReadout = (a: LensRun, b: LensRun, column: number) =>
  a.entropy.every(
    (layer, l) => Math.abs((layer[column] ?? 0) - (b.entropy[l]?.[column] ?? 0)) < 1e-4,
  )

/** How both runs come to their answer at one column. */
export function storyOf(lens: Lens, column: number): Story {
  const last = lens.layers.length - 1
  const [control = [], ablated = []] = [lens.control, lens.ablated].map((run) =>
    firstChoices(run, column),
  )
  const differs = control.map((id, layer) => id !== ablated[layer])
  const partsAt = setForGood(differs)
  return {
    control: leadOf(lens.control, column),
    ablated: leadOf(lens.ablated, column),
    partsAt,
    differsAt: differs.flatMap((is, layer) => (is && layer < (partsAt ?? last) ? [layer] : [])),
    target: {
      id: lens.targets[column] ?? -1,
      ranks: [
        lens.control.target_rank[last]?.[column] ?? 0,
        lens.ablated.target_rank[last]?.[column] ?? 0,
      ],
    },
    untouched: sameReadout(lens.control, lens.ablated, column),
  }
}

export type LensSeries = {
  readonly id: number
  readonly text: string
  readonly control: readonly number[]
  readonly ablated: readonly number[]
  /** Whose final answer it is; the chart draws these in the runs' own colours. */
  readonly answerOf: 'both' | RunName | null
  readonly isTarget: boolean
}

/**
 * Probability over the layers of every token worth following at one column: the answers of control
 * and ablated, the token the text has, then the likeliest.
 */
export function seriesOf(lens: Lens, column: number): LensSeries[] {
  const story = storyOf(lens, column)
  const target = lens.targets[column] ?? -1
  const tracked = lens.tracked[column] ?? []
  const probsOf = (run: LensRun, index: number) =>
    run.tracked_probs.map((layer) => layer[column]?.[index] ?? 0)
  const targetOf = (run: LensRun) => run.target_prob.map((layer) => layer[column] ?? 0)
  const answerOf = (id: number) => {
    const [c, a] = [id === story.control.id, id === story.ablated.id]
    return c && a ? 'both' : c ? 'control' : a ? 'ablated' : null
  }
  const series = (id: number, control: number[], ablated: number[]): LensSeries => ({
    id,
    text: tokenText(lens, id),
    control,
    ablated,
    answerOf: answerOf(id),
    isTarget: id === target,
  })
  const all = tracked.map((id, i) => series(id, probsOf(lens.control, i), probsOf(lens.ablated, i)))
  if (!tracked.includes(target)) {
    all.push(series(target, targetOf(lens.control), targetOf(lens.ablated)))
  }
  const weight = ({ control, ablated, answerOf, isTarget }: LensSeries) =>
    (answerOf === null ? (isTarget ? 1 : 0) : answerOf === 'ablated' ? 2 : 4) +
    Math.max(control.at(-1) ?? 0, ablated.at(-1) ?? 0)
  return all.sort((a, b) => weight(b) - weight(a))
}
