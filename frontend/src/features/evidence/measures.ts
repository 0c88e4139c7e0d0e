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

const patching = (component: 'z' | 'q' | 'k' | 'v' | 'pattern'): MeasureEntry => ({
  id: component,
  label: `Patching ${component}`,
  meaning: `how the corrupt run’s metric changes when the head’s ${component} of the clean run is put in`,
  analysis: { name: 'patching', component },
  needsCorrupt: true,
})

const looking = (id: MeasureId, kind: string, label: string, where: string): MeasureEntry => ({
  id,
  label,
  meaning: `the share of its attention that goes ${where}`,
  analysis: { name: 'head_types', kind },
  needsCorrupt: false,
})

/** What can be measured of every head over a task. */
const MEASURE_ENTRIES: readonly MeasureEntry[] = [
  {
    id: 'ablation',
    label: 'Ablation, exact',
    meaning: 'how the metric changes when the head is cut',
    analysis: { name: 'importance', method: 'ablation' },
    needsCorrupt: false,
  },
  ...(['z', 'q', 'k', 'v', 'pattern'] as const).map(patching),
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
  {
    id: 'gradient',
    label: 'Gradient of the pattern',
    meaning: 'how steeply the metric changes with the head’s attention',
    analysis: { name: 'importance', method: 'gradient' },
    needsCorrupt: false,
  },
  {
    id: 'estimate',
    label: 'Ablation, estimated',
    meaning: 'how the metric changes when the head’s pattern is cut, as one backward pass has it',
    analysis: { name: 'importance', method: 'attribution' },
    needsCorrupt: false,
  },
  {
    id: 'norm',
    label: 'Size of what it writes',
    meaning: 'the mean length of what the head writes to the residual stream',
    analysis: { name: 'importance', method: 'l2' },
    needsCorrupt: false,
  },
  looking('previous', 'previous_token', 'Looks at the token before', 'to the token before'),
  looking(
    'duplicate',
    'duplicate_token',
    'Looks at the same token',
    'to earlier occurrences of the same token',
  ),
  looking(
    'induction',
    'induction',
    'Looks at what followed',
    'to what followed an earlier occurrence of the same token',
  ),
  {
    id: 'search',
    label: 'Search for a circuit',
    meaning: 'whether it is in the small circuit that does the task, all items together',
    analysis: { name: 'circuit_search', direction: 'growth' },
    needsCorrupt: true,
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
