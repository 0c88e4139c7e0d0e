/** An answer to be shown, as TanStack's queries have it and a notebook's kernel. */
export type Answer<Data> = {
  readonly data: Data | undefined
  readonly error: Error | null
  /** What is there is of a question before. */
  readonly isPlaceholderData: boolean
  readonly refetch: () => unknown
}

/** One that is there. */
export const answered = <Data>(data: Data, stale: boolean): Answer<Data> => ({
  data,
  error: null,
  isPlaceholderData: stale,
  refetch: () => undefined,
})
