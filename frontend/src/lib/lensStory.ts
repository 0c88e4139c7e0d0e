/** The lens in words: which layer changed its mind. */

import { percent, visible } from './format'
import { tokenText, type Lead, type Lens, type Story } from './lens'

const name = (layers: readonly string[], layer: number) => layers[layer] ?? '?'

/** “from L8 on (28 % there, 100 % at the end)”. */
function since(layers: readonly string[], { from, probThere, prob }: Lead): string {
  const [there, end] = [percent(probThere), percent(prob)]
  if (from === layers.length - 1) return `only at the last layer, ${name(layers, from)} (${end})`
  const when = from === 0 ? 'already at the embedding' : `from ${name(layers, from)} on`
  return there === end ? `${when} (${end})` : `${when} (${there} there, ${end} at the end)`
}

/** 4, 5, 6 and 9 become “L4–L6 and L9”. */
export function layerRuns(layers: readonly string[], chosen: readonly number[]): string {
  const runs: [number, number][] = []
  for (const layer of chosen) {
    const last = runs.at(-1)
    if (last && last[1] === layer - 1) last[1] = layer
    else runs.push([layer, layer])
  }
  const names = runs.map(([first, last]) =>
    first === last ? name(layers, first) : `${name(layers, first)}–${name(layers, last)}`,
  )
  return names.length > 1
    ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
    : (names[0] ?? '')
}

const quote = (text: string) => `“${visible(text)}”`

const leads = (lens: Lens, lead: Lead) =>
  `${quote(tokenText(lens, lead.id))} leads ${since(lens.layers, lead)}`

/** Where the two ways part, or only differed for a while. */
function toldParting({ layers }: Lens, { partsAt, differsAt }: Story): string {
  if (partsAt !== null) return ` They part for good at ${name(layers, partsAt)}.`
  if (differsAt.length === 0) return ' At no layer do their first choices differ.'
  return ` They end alike; on the way they differ at ${layerRuns(layers, differsAt)}.`
}

/** Where the text's own token stands, if it is nobody's answer. */
function toldTarget(lens: Lens, { control, ablated, target }: Story): string {
  if (target.id === control.id || target.id === ablated.id) return ''
  const [before, after] = target.ranks.map((rank) => rank + 1) as [number, number]
  const rank = before === after ? `rank ${before}` : `rank ${before} → ${after}`
  return ` The text goes on with ${quote(tokenText(lens, target.id))}: ${rank}.`
}

/** A few sentences about one column: from which layer each answer leads, and where they part. */
export function tellStory(lens: Lens, story: Story): string {
  const { control, ablated, untouched } = story
  const target = toldTarget(lens, story)
  if (untouched) return `${leads(lens, control)}.${target}`
  return (
    `Control: ${leads(lens, control)}. Ablated: ${leads(lens, ablated)}.` +
    toldParting(lens, story) +
    target
  )
}
