import { useSettled } from './useSettled'

/** Milliseconds within which nobody has seen yet that a button says something else. */
const REACTION = 300

const ignore = () => undefined

/**
 * `stop` for a button that begins work and ends it. Work also begins by itself: a press at that
 * moment was meant to begin it, so it ends nothing.
 */
export function useStop(running: boolean, stop: () => void): () => void {
  return useSettled(running, REACTION) ? stop : ignore
}
