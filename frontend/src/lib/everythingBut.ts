/** A circuit as cuts of one prompt: every other head replaced, as the circuit's test replaces it. */

import { allHeads, cutAt, type Cuts, type Effect } from './cuts'
import { sameHead, type GridShape, type Head } from './heads'
import type { Method } from './methods'

/** An item of a task as far as it is read here. */
export type TaskPrompt = {
  readonly prompt: string
  readonly corrupt: string | null
  readonly n_tokens: number
}

/** Each cut names them all: with more, a request of all heads would be too large. */
const MOST_REFERENCES = 12

/** What replaces a head on this item; null where the item lacks what the method needs. */
export function effectOn(
  { name: method, parameters }: Method,
  item: TaskPrompt,
  items: readonly TaskPrompt[],
): Effect | null {
  const needed = parameters.find((parameter) => parameter.default == null)
  if (!needed) return { method }
  if (needed.kind === 'prompt') {
    return item.corrupt === null ? null : { method, parameters: { [needed.name]: item.corrupt } }
  }
  const corrupt = (same: boolean) => [
    ...new Set(
      items
        .filter(({ n_tokens }) => !same || n_tokens === item.n_tokens)
        .flatMap((each) => each.corrupt ?? []),
    ),
  ]
  const alike = corrupt(true)
  const references = (alike.length > 0 ? alike : corrupt(false)).slice(0, MOST_REFERENCES)
  return references.length === 0 ? null : { method, parameters: { [needed.name]: references } }
}

export const everythingBut = (circuit: readonly Head[], shape: GridShape, effect: Effect): Cuts =>
  allHeads(shape)
    .filter((head) => !circuit.some((other) => sameHead(other, head)))
    .map((head) => cutAt(head, effect))
