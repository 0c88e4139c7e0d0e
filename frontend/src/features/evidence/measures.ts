import type { MeasureId } from '@/lib/evidenceLink'

export type MeasureEntry = {
  readonly id: MeasureId
  readonly label: string
  /** What a head's number on one item is. */
  readonly meaning: string
  /** What a run is asked, besides its task. */
  readonly analysis: { readonly name: string } & Readonly<Record<string, unknown>>
  /** It holds each item's prompt against its corrupt one. */
  readonly needsCorrupt: boolean
}

/** What can be measured of every head over a task. */
export const MEASURE_ENTRIES: readonly MeasureEntry[] = [
  {
    id: 'ablation',
    label: 'Ablation, exact',
    meaning: 'how the metric changes when the head is cut',
    analysis: { name: 'importance', method: 'ablation' },
    needsCorrupt: false,
  },
  {
    id: 'z',
    label: 'Patching z',
    meaning: 'how the corrupt run’s metric changes when the head’s z of the clean run is put in',
    analysis: { name: 'patching', component: 'z' },
    needsCorrupt: true,
  },
  {
    id: 'pattern',
    label: 'Patching pattern',
    meaning:
      'how the corrupt run’s metric changes when the head’s pattern of the clean run is put in',
    analysis: { name: 'patching', component: 'pattern' },
    needsCorrupt: true,
  },
  {
    id: 'attribution',
    label: 'Direct attribution',
    meaning: 'what the head writes of the logit difference by itself',
    analysis: { name: 'attribution' },
    needsCorrupt: false,
  },
  {
    id: 'repair',
    label: 'Self-repair',
    meaning: 'what all others change of the logit difference when the head is cut',
    analysis: { name: 'self_repair' },
    needsCorrupt: false,
  },
]

export const measureEntry = (id: MeasureId): MeasureEntry => {
  const [first] = MEASURE_ENTRIES
  const entry = MEASURE_ENTRIES.find((each) => each.id === id) ?? first
  if (!entry) throw new Error('Nothing can be measured.')
  return entry
}

/** The measure that a run was asked for, told by its own words. */
export const measureOfRun = (
  analysis: Readonly<Record<string, unknown>>,
): MeasureEntry | undefined =>
  MEASURE_ENTRIES.find((entry) =>
    Object.entries(entry.analysis).every(([key, value]) => analysis[key] === value),
  )
