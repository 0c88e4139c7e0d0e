/** Two prompts token by token: where they are the same, and where they differ. */

import { tellEffect, type Cuts } from './cuts'
import { count, visible } from './format'
import { headName } from './heads'

type Token = { readonly id: number; readonly text: string }

export type Column<T> = {
  readonly clean: T | null
  readonly corrupt: T | null
  readonly differs: boolean
}

export type Pairing<T> = {
  /** As read from left to right; equal ends stand under each other even where lengths differ. */
  readonly columns: readonly Column<T>[]
  /** Columns that differ. */
  readonly differing: readonly number[]
  readonly sameLength: boolean
}

/** How many tokens of the ends are the same, beyond `skip` of the beginnings. */
function sameEnd<T extends Token>(a: readonly T[], b: readonly T[], skip: number): number {
  const most = Math.min(a.length, b.length) - skip
  let same = 0
  while (same < most && a.at(-1 - same)?.id === b.at(-1 - same)?.id) same++
  return same
}

function sameStart<T extends Token>(a: readonly T[], b: readonly T[]): number {
  let same = 0
  while (same < Math.min(a.length, b.length) && a[same]?.id === b[same]?.id) same++
  return same
}

export function pairTokens<T extends Token>(
  clean: readonly T[],
  corrupt: readonly T[],
): Pairing<T> {
  const sameLength = clean.length === corrupt.length
  const start = sameLength ? 0 : sameStart(clean, corrupt)
  const end = sameLength ? 0 : sameEnd(clean, corrupt, start)
  const [restOfClean, restOfCorrupt] = [clean.length - end, corrupt.length - end]
  const middle = Math.max(restOfClean, restOfCorrupt)
  const columns = Array.from({ length: middle + end }, (_, i): Column<T> => {
    const at = (tokens: readonly T[], rest: number) =>
      (i < middle ? (i < rest ? tokens[i] : undefined) : tokens[rest + i - middle]) ?? null
    const pair = { clean: at(clean, restOfClean), corrupt: at(corrupt, restOfCorrupt) }
    return { ...pair, differs: pair.clean?.id !== pair.corrupt?.id }
  })
  return {
    columns,
    differing: columns.flatMap(({ differs }, i) => (differs ? [i] : [])),
    sameLength,
  }
}

/** Why two prompts cannot be compared position by position, and what to do; null when they can. */
export function tellMismatch<T extends Token>({
  columns,
  differing,
  sameLength,
}: Pairing<T>): string | null {
  const [clean, corrupt] = (['clean', 'corrupt'] as const).map((side) =>
    columns.filter((column) => column[side] !== null),
  )
  if (!sameLength) {
    const parting = columns[differing[0] ?? 0]
    const piece = (token: T | null) => (token ? `“${visible(token.text)}”` : 'nothing')
    return (
      `Clean has ${count(clean?.length ?? 0, 'token')}, corrupt ${corrupt?.length ?? 0}; they part at ` +
      `position ${differing[0] ?? 0}: ${piece(parting?.clean ?? null)} against ${piece(parting?.corrupt ?? null)}. ` +
      'Runs are compared position by position: choose words of as many tokens.'
    )
  }
  return differing.length === 0
    ? 'Both prompts are the same: change a word of one, so that there is a difference to trace.'
    : null
}

/** “They differ in 1 of 15 tokens: ␣John → ␣Mary.” */
export function tellDifference<T extends Token>({ columns, differing }: Pairing<T>): string {
  const changes = differing
    .slice(0, 3)
    .map(
      (i) =>
        `${visible(columns[i]?.clean?.text ?? '')} → ${visible(columns[i]?.corrupt?.text ?? '')}`,
    )
  const more = differing.length > 3 ? `, and ${differing.length - 3} more` : ''
  return `They differ in ${differing.length} of ${count(columns.length, 'token')}: ${changes.join(', ')}${more}.`
}

/** A text that is asked for as one token and is more. */
export type TooMany = {
  readonly text: string
  readonly tokens: readonly string[]
}

/** “␣Bartholomew” is 5 tokens (␣Bar · th · ol · ome · w): one is asked about. */
export const tellTooMany = ({ text, tokens }: TooMany): string =>
  `“${visible(text)}” is ${tokens.length} tokens (${tokens.map(visible).join(' · ')}): one is asked about.`

/** What a picture was taken of, in one line. */
export const tellPair = ({
  prompt,
  corrupt,
  model,
  cuts,
}: {
  readonly prompt: string
  readonly corrupt: string
  readonly model: string | null
  readonly cuts: Cuts
}): string =>
  [
    `clean “${prompt}”`,
    `corrupt “${corrupt}”`,
    cuts.length > 0 &&
      `cut: ${cuts.map((cut) => `${headName(cut)} ${tellEffect(cut)}`).join(', ')}`,
    model,
  ]
    .filter(Boolean)
    .join(' · ')
