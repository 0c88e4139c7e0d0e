/** A circuit in the formats of others, as `analyses/circuit_export.py` writes it from Python and a shell. */

import type { Needed } from './circuit'
import type { PathEdge } from './circuitGraph'
import { hasHead, headName, type Head } from './heads'

const INPUTS = ['q', 'k', 'v'] as const

export type Sizes = {
  readonly n_layers: number
  readonly n_heads: number
  readonly d_model: number
}

const node = ({ layer, head }: Head) => `a${layer}.h${head}`

const end = (receiver: Head | null, input: string | null) =>
  receiver === null ? 'logits' : `${node(receiver)}<${input}>`

type Node = { in_graph: boolean; score?: number }

/**
 * As the circuit track of the Mechanistic Interpretability Benchmark reads one: nodes and edges by name,
 * as `a0.h1->a5.h5<k>`. Input, MLPs and logits are in every circuit and have no score; a head's is its
 * |effect|, an edge's that of the path, and 0 where none was measured.
 *
 * Source: Mueller et al. 2025 (MIB), arXiv:2504.13151; Hanna et al. 2024 (EAP-IG), arXiv:2403.17806.
 */
export function mibOf(
  { n_layers, n_heads, d_model }: Sizes,
  heads: readonly Head[],
  needed: readonly Pick<Needed, 'head' | 'effect'>[] | undefined,
  paths: readonly PathEdge[],
) {
  const effects = new Map((needed ?? []).map(({ head, effect }) => [node(head), Math.abs(effect)]))
  const scores = new Map(
    paths.map(({ sender, receiver, input, effect }) => [
      `${node(sender)}->${end(receiver, input)}`,
      Math.abs(effect),
    ]),
  )
  const nodes: Record<string, Node> = { input: { in_graph: true } }
  const names: string[] = []
  const sources = ['input']
  for (let layer = 0; layer < n_layers; layer++) {
    const inside: Head[] = []
    for (let head = 0; head < n_heads; head++) {
      const site = { layer, head }
      const in_graph = hasHead(heads, site)
      if (in_graph) inside.push(site)
      const score = effects.get(node(site)) ?? 0
      nodes[node(site)] = effects.size > 0 ? { in_graph, score } : { in_graph }
    }
    nodes[`m${layer}`] = { in_graph: true }
    const ends = inside.flatMap((head) => INPUTS.map((input) => end(head, input)))
    names.push(...sources.flatMap((source) => ends.map((each) => `${source}->${each}`)))
    sources.push(...inside.map(node))
    names.push(...sources.map((source) => `${source}->m${layer}`))
    sources.push(`m${layer}`)
  }
  nodes.logits = { in_graph: true }
  names.push(...sources.map((source) => `${source}->logits`))
  const edges = Object.fromEntries(
    names.map((name) => [name, { score: scores.get(name) ?? 0, in_graph: true }]),
  )
  return { cfg: { n_layers, n_heads, d_model, parallel_attn_mlp: false }, nodes, edges }
}

/** Heads, the logits and the paths between them, for Gephi, yEd, networkx. */
export const graphmlOf = (heads: readonly Head[], paths: readonly PathEdge[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="layer" for="node" attr.name="layer" attr.type="int"/>
  <key id="head" for="node" attr.name="head" attr.type="int"/>
  <key id="input" for="edge" attr.name="input" attr.type="string"/>
  <key id="effect" for="edge" attr.name="effect" attr.type="double"/>
  <graph edgedefault="directed">
${heads
  .map(
    (each) =>
      `    <node id="${headName(each)}"><data key="layer">${each.layer}</data><data key="head">${each.head}</data></node>`,
  )
  .join('\n')}
    <node id="logits"/>
${paths
  .map(
    ({ sender, receiver, input, effect }) =>
      `    <edge source="${headName(sender)}" target="${receiver ? headName(receiver) : 'logits'}"><data key="input">${input ?? 'logits'}</data><data key="effect">${effect}</data></edge>`,
  )
  .join('\n')}
  </graph>
</graphml>
`
