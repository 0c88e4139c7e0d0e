import type { HeadTypesResponse } from '@/api/types'
import { percent } from '@/lib/format'
import { withShapes, type HeadKind, type Marking } from '@/lib/headKinds'

export type MarkingEntry = {
  readonly id: Marking
  /** In the chooser. */
  readonly label: string
  /** The kinds that it marks, as the server's answer on kinds of heads has them. */
  readonly kinds: (answer: HeadTypesResponse) => readonly HeadKind[]
  /** What there is to know of all of them, in a sentence. */
  readonly tell: (answer: HeadTypesResponse) => string
}

/** Whose word on the kinds of heads the grid of any view can mark. */
export const MARKING_ENTRIES: readonly MarkingEntry[] = [
  { id: 'none', label: 'none', kinds: () => [], tell: () => '' },
  {
    id: 'measured',
    label: 'kinds of heads, measured',
    kinds: ({ kinds }) =>
      withShapes(
        kinds.map(({ name, title, meaning, threshold, heads }) => ({
          name,
          title,
          meaning: `Heads that ${meaning}, in at least ${percent(threshold)}`,
          source: null,
          heads,
          weak: [],
        })),
      ),
    tell: ({ copying_tokens, passes }) =>
      `Where heads look is measured on random tokens told twice, in ${passes.computed} forward passes (a pass for each kind takes ${passes.naive}); copying on ${copying_tokens.length} names.`,
  },
  {
    id: 'published',
    label: 'kinds of heads, published',
    kinds: ({ published }) =>
      withShapes(
        published.map(({ name, title, meaning, source, heads, weak }) => ({
          name,
          title,
          meaning: `Heads that ${meaning.replace(/^writes/, 'write')}`,
          source,
          heads,
          weak,
        })),
      ),
    tell: ({ published }) =>
      published.length === 0
        ? 'Nothing is published of this model’s heads.'
        : published.some(({ weak }) => weak.length > 0)
          ? 'Open marks: the source calls these heads weak.'
          : '',
  },
]

export const markingEntry = (id: Marking): MarkingEntry | undefined =>
  MARKING_ENTRIES.find((entry) => entry.id === id)
