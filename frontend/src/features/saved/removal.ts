import { deleteSaved } from '@/api/client'
import { ApiError } from '@/api/error'
import type { Entry } from './keys'

/** Deletes what this browser has the key of; what is gone already need not be. */
export async function removeSaved({ id, key }: Pick<Entry, 'id' | 'key'>): Promise<void> {
  try {
    if (key !== null) await deleteSaved(id, key)
  } catch (failure) {
    if (!(failure instanceof ApiError && failure.error === 'UnknownExperiment')) throw failure
  }
}
