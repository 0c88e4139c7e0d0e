/** The lens in words: which layer changed its mind. */

import { percent, visible } from './format'
import { tokenText, type Lens, type Story } from './lens'

const name = (layers: readonly string[], layer: number) => layers[layer] ?? '?'

/** “from L8 on”, “already at the embedding”, “only at the last layer, L11”. */
function since(layers: readonly string[], from: number): string {
  if (from === 0) return 'already at the embedding'
  if (from === layers.length - 1) return `only at the last layer, ${name(layers, from)}`
  return `from ${name(layers, from)} on`
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

function sameAnswer(lens: Lens, { control, ablated }: Story): string {
  const answer = quote(tokenText(lens, control.id))
  const [before, after] = [percent(control.prob), percent(ablated.prob)]
  const { layers } = lens
  if (control.from === ablated.from) {
    const moves =
      before === after
        ? `leaves its final probability at ${after}`
        : `moves its final probability ${before} → ${after}`
    return `Both runs put ${answer} first ${since(layers, control.from)}; the cut ${moves}.`
  }
  const how = ablated.from > control.from ? 'later' : 'sooner'
  const by = Math.abs(ablated.from - control.from)
  return (
    `Control puts ${answer} first ${since(layers, control.from)}, ablated ` +
    `${since(layers, ablated.from)}: ${by} layer${by === 1 ? '' : 's'} ${how} (${before} → ${after}).`
  )
}

function otherAnswer(lens: Lens, { control, ablated, ablatedAgreesAt }: Story): string {
  const { layers } = lens
  const [answer, instead] = [control.id, ablated.id].map((id) => quote(tokenText(lens, id)))
  const lead = `Control puts ${answer} first ${since(layers, control.from)} (${percent(control.prob)});`
  const settles = `settles on ${instead} ${since(layers, ablated.from)} (${percent(ablated.prob)})`
  if (ablatedAgreesAt.length === 0) return `${lead} ablated never does and ${settles}.`
  return `${lead} ablated does so at ${layerRuns(layers, ablatedAgreesAt)}, but ${settles}.`
}

/** Where the text's own token stands, if it is nobody's answer. */
function toldTarget(lens: Lens, { control, ablated, target }: Story): string {
  if (target.id === control.id || target.id === ablated.id) return ''
  const [before, after] = target.ranks.map((rank) => rank + 1) as [number, number]
  const rank = before === after ? `rank ${before}` : `rank ${before} → ${after}`
  return ` The text goes on with ${quote(tokenText(lens, target.id))}: ${rank}.`
}

/** A few sentences about one column: the moment in which the runs part. */
export function tellStory(lens: Lens, story: Story): string {
  const { control, ablated, partsAt, untouched } = story
  if (untouched) {
    const answer = quote(tokenText(lens, control.id))
    const when = since(lens.layers, control.from)
    return `The model puts ${answer} first ${when} (${percent(control.prob)}).${toldTarget(lens, story)}`
  }
  const told = control.id === ablated.id ? sameAnswer(lens, story) : otherAnswer(lens, story)
  const split =
    partsAt === null
      ? 'At no layer does the first choice differ.'
      : `The first choices part at ${name(lens.layers, partsAt)}.`
  return `${told} ${split}${toldTarget(lens, story)}`
}
