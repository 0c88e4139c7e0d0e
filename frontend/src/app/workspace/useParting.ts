import { useLens, useLensText } from '@/features/lens/useLens'
import type { Experiment } from '@/lib/experiment'
import { storyOf } from '@/lib/lens'

/** Name of the layer at which the runs' answers after the prompt part for good; null while unknown. */
export function useParting(experiment: Experiment): string | null {
  const text = useLensText(experiment, null)
  const isCut = experiment.cuts.length > 0
  const { data: lens, isPlaceholderData } = useLens(
    experiment,
    text,
    text && isCut ? [text.promptLength - 1] : [],
  )
  if (!lens || isPlaceholderData || !isCut) return null
  const { partsAt } = storyOf(lens, 0)
  return partsAt === null ? null : (lens.layers[partsAt] ?? null)
}
