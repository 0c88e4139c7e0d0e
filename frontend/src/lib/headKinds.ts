/** What kinds of heads there are, and how the grid marks them. */

import { headName, type Head, type Site } from './heads'

/** Whose word on the kinds of heads is marked on the grid. */
export const MARKINGS = ['none', 'measured', 'published'] as const
export type Marking = (typeof MARKINGS)[number]

/** A mark, told apart without colour; the kinds of one marking have one each. */
export const SHAPES = [
  'circle',
  'triangle',
  'square',
  'diamond',
  'plus',
  'tip',
  'star',
  'bar',
  'cross',
  'hexagon',
] as const
export type Shape = (typeof SHAPES)[number]

export type HeadKind = {
  readonly name: string
  readonly title: string
  /** What such heads do. */
  readonly meaning: string
  /** Who says so; null where it is measured. */
  readonly source: string | null
  readonly shape: Shape
  readonly heads: readonly Head[]
  /** Heads that the source calls weak. */
  readonly weak: readonly Head[]
}

/** Kinds that are both measured and published look alike in both. */
const KNOWN: Readonly<Record<string, Shape>> = {
  'Previous-token heads': 'circle',
  'Duplicate-token heads': 'triangle',
  'Induction heads': 'square',
}

/** A shape for each kind; more kinds than shapes begin anew. */
export function withShapes(kinds: readonly Omit<HeadKind, 'shape'>[]): HeadKind[] {
  const known = Object.values(KNOWN)
  const others = SHAPES.filter((shape) => !known.includes(shape))
  let next = 0
  return kinds.map((kind) => ({
    ...kind,
    shape: KNOWN[kind.title] ?? others[next++ % others.length] ?? 'circle',
  }))
}

export type HeadMark = Pick<HeadKind, 'title' | 'shape'> & {
  readonly weak: boolean
  /** What a cell says of it, where that is not its title. */
  readonly words?: string
}

/** The marks of each head that has some, by its name. */
export type HeadMarks = ReadonlyMap<string, readonly HeadMark[]>

export function marksOf(kinds: readonly HeadKind[]): HeadMarks {
  const marks = new Map<string, HeadMark[]>()
  for (const { title, shape, heads, weak } of kinds) {
    const add = (isWeak: boolean) => (head: Head) => {
      const name = headName(head)
      marks.set(name, [...(marks.get(name) ?? []), { title, shape, weak: isWeak }])
    }
    heads.forEach(add(false))
    weak.forEach(add(true))
  }
  return marks
}

/** “name movers, weakly induction heads”; empty for a head of no kind. */
export const tellMarks = (marks: HeadMarks | null, site: Site): string =>
  (marks?.get(headName(site)) ?? [])
    .map(({ title, weak, words }) => words ?? `${weak ? 'weakly ' : ''}${lower(title)}`)
    .join(', ')

/** “S-inhibition heads” keeps its letter. */
const lower = (title: string) =>
  /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title
