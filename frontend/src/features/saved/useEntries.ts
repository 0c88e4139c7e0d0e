import { useSyncExternalStore } from 'react'
import { createEntries } from './keys'

/** This browser's list. */
export const entries = createEntries(window)

export const useEntries = () => useSyncExternalStore(entries.subscribe, entries.get)
