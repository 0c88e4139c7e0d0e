/** Undo and redo of one value, as plain data. */
export type History<T> = { readonly past: readonly T[]; readonly future: readonly T[] }

export const NO_HISTORY: History<never> = { past: [], future: [] }

const depth = 200

export const record = <T>({ past }: History<T>, present: T): History<T> => ({
  past: [...past, present].slice(-depth),
  future: [],
})

type Step<T> = { history: History<T>; present: T } | null

export function undo<T>({ past, future }: History<T>, present: T): Step<T> {
  const before = past.at(-1)
  if (before === undefined) return null
  return { history: { past: past.slice(0, -1), future: [present, ...future] }, present: before }
}

export function redo<T>({ past, future }: History<T>, present: T): Step<T> {
  const [after, ...rest] = future
  if (after === undefined) return null
  return { history: { past: [...past, present], future: rest }, present: after }
}
