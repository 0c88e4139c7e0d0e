/** Cuts as links write them: L9H6z, L9H6z*0.5, L9H6z@10-14,-1, M9z for an MLP, joined by points. */

import { cutAt, effectOf, type Cut, type Effect, type ParameterValue } from './cuts'
import { headName, sameHead } from './heads'
import { methodNamed, methodOfLetter, type Method, type Methods } from './methods'

/** A method's parameters are texts of any length: links keep each set once, a cut names its number. */
export type ParameterSets = ReadonlyMap<number, readonly (readonly [string, string])[]>

const SITE = /^(?:L(\d{1,4})H(\d{1,4})|M(\d{1,4}))/
const EFFECT = /^([a-z])(?:\*(-?\d+(?:\.\d+)?))?(?:@([\d,-]+))?(?:~(\d{1,4}))?$/
const longest = 1024

export function writePositions(positions: readonly number[]): string {
  const spans: [number, number][] = []
  for (const position of positions) {
    const last = spans.at(-1)
    // Only what counts from the start is written as a span.
    if (last && last[0] >= 0 && position === last[1] + 1) last[1] = position
    else spans.push([position, position])
  }
  return spans.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',')
}

/** Null where it is not written like that. */
export function readPositions(text: string): number[] | null {
  const positions: number[] = []
  for (const span of text.split(',')) {
    const match = /^(-?\d{1,6})(?:-(\d{1,6}))?$/.exec(span.trim())
    if (!match) return null
    const from = Number(match[1])
    const to = match[2] === undefined ? from : Number(match[2])
    if (to < from || positions.length + to - from >= longest) return null
    for (let position = from; position <= to; position++) positions.push(position)
  }
  return positions
}

/** `z*0.5@10-14`, with the number of its parameters' set where it has one. */
export function writeEffect(effect: Effect, letter: string, set: number | null): string {
  const { strength = 1, positions } = effect
  return [
    letter,
    strength !== 1 && `*${strength}`,
    positions && `@${writePositions(positions)}`,
    set !== null && `~${set}`,
  ]
    .filter(Boolean)
    .join('')
}

function valuesOf(method: Method, entries: readonly (readonly [string, string])[]) {
  const values: Record<string, ParameterValue> = {}
  for (const { name, kind } of method.parameters) {
    const texts = entries.filter(([key]) => key === name).map(([, text]) => text)
    const [first] = texts
    if (first !== undefined) values[name] = kind === 'prompts' ? texts : first
  }
  return values
}

/** Null where it is not written like that, or names what this server does not know. */
export function readEffect(text: string, methods: Methods, sets: ParameterSets): Effect | null {
  const match = EFFECT.exec(text)
  const method = match && methodOfLetter(methods, match[1] ?? '')
  if (!method) return null
  const strength = match[2] === undefined ? 1 : Number(match[2])
  const positions = match[3] === undefined ? undefined : readPositions(match[3])
  if (Math.abs(strength) > 2 || positions === null) return null
  const parameters = valuesOf(method, sets.get(Number(match[4])) ?? [])
  return effectOf({ method: method.name, strength, positions, parameters })
}

export function readCut(text: string, methods: Methods, sets: ParameterSets): Cut | null {
  const match = SITE.exec(text)
  const effect = match && readEffect(text.slice(match[0].length), methods, sets)
  if (!effect) return null
  const site =
    match[3] === undefined
      ? { layer: Number(match[1]), head: Number(match[2]) }
      : { layer: Number(match[3]), head: null }
  return cutAt(site, effect)
}

/** The cuts that can be read, each site once, and the texts that cannot, to be kept as they are. */
export function readCuts(text: string, methods: Methods, sets: ParameterSets) {
  const cuts: Cut[] = []
  const unread: string[] = []
  // A point followed by a digit belongs to a strength.
  for (const item of text.split(/\.(?!\d)/).filter((item) => item !== '')) {
    const cut = readCut(item, methods, sets)
    if (!cut) unread.push(item)
    else if (!cuts.some((other) => sameHead(other, cut))) cuts.push(cut)
  }
  return { cuts, unread }
}

export const writeCut = (cut: Cut, methods: Methods, set: number | null): string =>
  headName(cut) + writeEffect(cut, methodNamed(methods, cut.method)?.letter ?? '', set)
