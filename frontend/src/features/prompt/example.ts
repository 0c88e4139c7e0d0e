import type { Example } from '@/api/types'
import { cutOf, effectOf, type Cut, type Cuts } from '@/lib/cuts'
import type { Experiment } from '@/lib/experiment'
import { byPosition } from '@/lib/heads'

/** The cut an example suggests, as the page keeps cuts. */
export const cutsOf = ({ ablations = [] }: Pick<Example, 'ablations'>): Cuts =>
  ablations
    .map(({ layer, head, method, strength, positions, ...parameters }): Cut => ({
      layer,
      head: head ?? null,
      ...effectOf({
        method: method ?? 'zero',
        strength,
        positions: positions ?? undefined,
        parameters: parameters as Cut['parameters'],
      }),
    }))
    .sort(byPosition)

const key = (cut: Cut) => JSON.stringify(effectOf(cut))

export const isSameCut = (a: Cuts, b: Cuts): boolean =>
  a.length === b.length &&
  a.every((cut) => {
    const other = cutOf(b, cut)
    return other !== undefined && key(other) === key(cut)
  })

/** The example the page shows: by its id, while its prompt stands; links without one by the prompt. */
export function exampleOf(
  examples: readonly Example[],
  { prompt, example, cuts }: Experiment,
): Example | undefined {
  const same = examples.filter((candidate) => candidate.prompt === prompt)
  return (
    same.find(({ id }) => id !== undefined && id === example) ??
    same.find((candidate) => cuts.length > 0 && isSameCut(cutsOf(candidate), cuts)) ??
    (example === null ? same[0] : undefined)
  )
}
