/** All saved experiments as one file, and what a file holds. */

import type { NewExperiment, SavedExperiment } from '@/api/types'

const KIND = 'attention-surgery/saved-experiments'

export const fileOf = (experiments: readonly SavedExperiment[]): string =>
  JSON.stringify({ kind: KIND, version: 1, experiments }, null, 1)

const isText = (value: unknown): value is string => typeof value === 'string'

function experimentOf(value: unknown): NewExperiment | null {
  if (typeof value !== 'object' || value === null) return null
  const { title, note = '', link, results } = value as Record<string, unknown>
  const isWhole = isText(title) && isText(note) && isText(link) && Array.isArray(results)
  return isWhole ? { title, note, link, results: results as NewExperiment['results'] } : null
}

/** The experiments of a file; throws a sentence where it is of another kind. */
export function readFile(text: string): NewExperiment[] {
  let content: unknown = null
  try {
    content = JSON.parse(text)
  } catch {
    // Then it is of another kind.
  }
  const { kind, experiments } = (content ?? {}) as Record<string, unknown>
  if (kind !== KIND || !Array.isArray(experiments)) {
    throw new Error('This is no file of saved experiments: choose one that this page exported.')
  }
  const found = experiments.map(experimentOf).filter((experiment) => experiment !== null)
  if (found.length < experiments.length) {
    throw new Error(
      `${experiments.length - found.length} of ${experiments.length} experiments in the file are not whole: nothing was imported.`,
    )
  }
  return found
}
