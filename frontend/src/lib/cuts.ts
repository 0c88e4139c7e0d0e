import {
  byPosition,
  headName,
  isHead,
  isInside,
  sameHead,
  type GridShape,
  type Head,
  type Site,
} from './heads'
import { methodNamed, worksOn, type Methods } from './methods'

export type ParameterValue = string | readonly string[]

/** What a cut does: new = old + strength · (replacement − old). What is left out has its default. */
export type Effect = {
  /** A method's name, e.g. `zero`. */
  readonly method: string
  /** −2 … 2; 1 replaces, 0.5 goes half-way, −1 amplifies. */
  readonly strength?: number
  /** Query positions; all, also those generated, when left out. Negative ones count from the end. */
  readonly positions?: readonly number[]
  /** The method's own. */
  readonly parameters?: Readonly<Record<string, ParameterValue>>
}

export type Cut = Site & Effect

/** Each site at most once, in order of layer and head. */
export type Cuts = readonly Cut[]

export const allHeads = ({ nLayers, nHeads }: GridShape): Head[] =>
  Array.from({ length: nLayers * nHeads }, (_, i) => ({
    layer: Math.floor(i / nHeads),
    head: i % nHeads,
  }))

export const cutOf = (cuts: Cuts, site: Site): Cut | undefined =>
  cuts.find((cut) => sameHead(cut, site))

/** The effect alone, without what has its default. */
export function effectOf({ method, strength, positions, parameters }: Effect): Effect {
  return {
    method,
    ...(strength === undefined || strength === 1 ? {} : { strength }),
    ...(positions === undefined ? {} : { positions }),
    ...(parameters === undefined || Object.keys(parameters).length === 0 ? {} : { parameters }),
  }
}

export const cutAt = ({ layer, head }: Site, effect: Effect): Cut => ({
  layer,
  head,
  ...effectOf(effect),
})

/** The rectangle between two sites, both included; MLPs stand in a column of their own. */
export function between(a: Site, b: Site): Site[] {
  const [top, bottom] = [Math.min(a.layer, b.layer), Math.max(a.layer, b.layer)]
  const layers = Array.from({ length: bottom - top + 1 }, (_, i) => top + i)
  if (!isHead(a) || !isHead(b)) return layers.map((layer) => ({ layer, head: null }))
  const [left, right] = [Math.min(a.head, b.head), Math.max(a.head, b.head)]
  return layers.flatMap((layer) =>
    Array.from({ length: right - left + 1 }, (_, i) => ({ layer, head: left + i })),
  )
}

/** Cuts these sites; those that are cut already keep what is done to them. */
export function withHeads(cuts: Cuts, sites: readonly Site[], effect: Effect): Cuts {
  const added = sites
    .filter((site, i) => !cutOf(cuts, site) && sites.findIndex((s) => sameHead(s, site)) === i)
    .map((site) => cutAt(site, effect))
  return added.length === 0 ? cuts : [...cuts, ...added].sort(byPosition)
}

export const withoutHeads = (cuts: Cuts, sites: readonly Site[]): Cuts =>
  cuts.filter((cut) => !sites.some((site) => sameHead(cut, site)))

/** Cuts them all unless all are cut already; then restores them all. */
export const toggleHeads = (cuts: Cuts, sites: readonly Site[], effect: Effect): Cuts =>
  sites.every((site) => cutOf(cuts, site))
    ? withoutHeads(cuts, sites)
    : withHeads(cuts, sites, effect)

/** Cuts the intact heads and restores the cut ones; MLPs stay as they are. */
export const invert = (cuts: Cuts, shape: GridShape, effect: Effect): Cuts =>
  withHeads(
    cuts.filter((cut) => !isHead(cut)),
    allHeads(shape).filter((head) => !cutOf(cuts, head)),
    effect,
  )

export const withEffect = (cuts: Cuts, site: Site, effect: Effect): Cuts =>
  cuts.map((cut) => (sameHead(cut, site) ? cutAt(cut, effect) : cut))

export const topHeads = (ranking: readonly Head[], k: number, effect: Effect): Cuts =>
  withHeads([], ranking.slice(0, k), effect)

/** Splits what a link holds into the cuts this model can make, and the others, which stay in the link. */
export function possible(cuts: Cuts, shape: GridShape, methods: Methods) {
  const can = (cut: Cut) => {
    const method = methodNamed(methods, cut.method)
    return method !== undefined && worksOn(method, cut) && isInside(cut, shape)
  }
  return { shown: cuts.filter(can), hidden: cuts.filter((cut) => !can(cut)) }
}

/** “zero”, “dataset-mean ×0.5 at 3 positions”: what is done, in a few words. */
export function tellEffect({ method, strength = 1, positions }: Effect): string {
  return [
    method,
    strength !== 1 && `×${strength}`.replace('-', '−'),
    positions && `at ${positions.length === 1 ? '1 position' : `${positions.length} positions`}`,
  ]
    .filter(Boolean)
    .join(' ')
}

/** “L9H6 zero, M10 mean ×0.5 and 3 more”. */
export function tellCuts(cuts: Cuts, most = 12): string {
  const named = cuts.slice(0, most).map((cut) => `${headName(cut)} ${tellEffect(cut)}`)
  const rest = cuts.length - named.length
  return named.join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
