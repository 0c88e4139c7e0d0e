/** Who writes into whom, laid out in layers upwards: the logits on top. */

import { signed } from './format'
import { headName, type Head } from './heads'

/** The API's edge as far as it is read here. */
export type PathEdge = {
  readonly sender: Head
  /** Null for the logits. */
  readonly receiver: Head | null
  readonly input: 'q' | 'k' | 'v' | null
  readonly effect: number
  readonly standard_error: number | null
  readonly share: number | null
}

export const LOGITS = 'logits'

export type GraphNode = {
  readonly id: string
  /** Null for the logits. */
  readonly head: Head | null
  readonly x: number
  readonly y: number
}

export type GraphEdge = {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly input: 'q' | 'k' | 'v' | null
  /** What the path carries of the task: the effect of cutting it, turned round. */
  readonly value: number
  /** Its strength beside the strongest, 0 to 1. */
  readonly strength: number
  readonly path: string
  /** Where the sign of its input stands. */
  readonly end: { readonly x: number; readonly y: number }
}

export type Graph = {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** The layers that have heads, bottom up, with their heights. */
  readonly rows: readonly { readonly label: string; readonly y: number }[]
  readonly width: number
  readonly height: number
  /** Paths that are not drawn: weaker than the weakest drawn. */
  readonly left: number
}

export const NODE = { width: 54, height: 26 } as const
const SIDE = 44
const TOP = 28
const BOTTOM = 24
/** Rows stand apart from those above, so that a path past a row does not run through its head. */
const STAGGER = 44
const PORTS = { q: -0.3, k: 0, v: 0.3 } as const

/** Drawn at most, and only from this share of the strongest on. */
export const MOST_EDGES = 40
const LEAST_STRENGTH = 0.02

export const edgeId = ({ sender, receiver, input }: PathEdge): string =>
  `${headName(sender)}→${receiver ? headName(receiver) + (input ?? '') : LOGITS}`

/** The strongest paths, strongest first. */
export function strongest(edges: readonly PathEdge[], most = MOST_EDGES): PathEdge[] {
  const sorted = [...edges].sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))
  const top = Math.abs(sorted[0]?.effect ?? 0)
  return sorted.slice(0, most).filter(({ effect }) => Math.abs(effect) >= LEAST_STRENGTH * top)
}

/**
 * Heads in rows by layer; within a row each stands near those it is joined to, the stronger the path
 * the nearer. Source: the barycentre heuristic of Sugiyama et al. 1981.
 */
function orderRows(
  heads: readonly Head[],
  edges: readonly PathEdge[],
): readonly (readonly Head[])[] {
  const layers = [...new Set(heads.map(({ layer }) => layer))].sort((a, b) => a - b)
  let rows = layers.map((layer) => heads.filter((head) => head.layer === layer))
  const place = new Map<string, number>()
  const note = () => {
    for (const row of rows) {
      row.forEach((head, i) => place.set(headName(head), (i + 0.5) / row.length))
    }
  }
  place.set(LOGITS, 0.5)
  note()
  const pull = (head: Head): number => {
    const name = headName(head)
    let [sum, weight] = [0, 0]
    for (const { sender, receiver, effect } of edges) {
      const [from, to] = [headName(sender), receiver ? headName(receiver) : LOGITS]
      const other = from === name ? to : to === name ? from : null
      if (other === null) continue
      sum += (place.get(other) ?? 0.5) * Math.abs(effect)
      weight += Math.abs(effect)
    }
    return weight > 0 ? sum / weight : (place.get(name) ?? 0.5)
  }
  for (let sweep = 0; sweep < 6; sweep++) {
    rows = rows.map((row) =>
      row
        .map((head) => ({ head, at: pull(head) }))
        .sort((a, b) => a.at - b.at || a.head.head - b.head.head)
        .map(({ head }) => head),
    )
    note()
  }
  return rows
}

/** The width that a row of so many heads takes at least. */
const GAP = 10
const ROW = 84

/** Rows that would be wider than the window are broken into two heights. */
function broken(rows: readonly (readonly Head[])[], width: number): readonly (readonly Head[])[] {
  const room = Math.max(1, Math.floor((width - 2 * SIDE) / (NODE.width + GAP)))
  return rows.flatMap((row) => {
    const parts = Math.ceil(row.length / room)
    const size = Math.ceil(row.length / parts)
    return Array.from({ length: parts }, (_, i) => row.slice(i * size, (i + 1) * size))
  })
}

export function layOut(
  heads: readonly Head[],
  paths: readonly PathEdge[],
  width: number,
  least = 300,
): Graph {
  const drawn = strongest(paths)
  const rows = broken(orderRows(heads, drawn), width)
  const height = Math.max(least, TOP + BOTTOM + rows.length * ROW + NODE.height)
  const step = rows.length > 0 ? (height - TOP - BOTTOM - NODE.height) / rows.length : 0
  const floor = height - BOTTOM - NODE.height / 2
  const yOf = (row: number) => floor - row * step
  const nodes: GraphNode[] = rows.flatMap((row, at) => {
    const slot = (width - 2 * SIDE) / row.length
    const shift = Math.min(STAGGER, (slot - NODE.width) / 2) * ((at % 3) - 1)
    return row.map((head, i) => ({
      id: headName(head),
      head,
      x: SIDE + (i + 0.5) * slot + shift,
      y: yOf(at),
    }))
  })
  nodes.push({ id: LOGITS, head: null, x: width / 2, y: TOP })
  const at = new Map(nodes.map((node) => [node.id, node]))
  const top = Math.abs(drawn[0]?.effect ?? 0) || 1
  const edges = drawn.flatMap((edge): GraphEdge[] => {
    const from = at.get(headName(edge.sender))
    const to = at.get(edge.receiver ? headName(edge.receiver) : LOGITS)
    if (!from || !to) return []
    const end = {
      x: to.x + (edge.input ? PORTS[edge.input] * NODE.width : spreadAt(from.x - to.x, width)),
      y: to.y + NODE.height / 2,
    }
    const start = { x: from.x, y: from.y - NODE.height / 2 }
    const bend = Math.max(18, (start.y - end.y) * 0.45)
    return [
      {
        id: edgeId(edge),
        from: from.id,
        to: to.id,
        input: edge.input,
        value: -edge.effect,
        strength: Math.abs(edge.effect) / top,
        path: `M${round(start.x)} ${round(start.y)}C${round(start.x)} ${round(start.y - bend)} ${round(end.x)} ${round(end.y + bend)} ${round(end.x)} ${round(end.y)}`,
        end,
      },
    ]
  })
  return {
    nodes,
    edges,
    rows: rows.map((row, i) => ({ label: `L${row[0]?.layer ?? 0}`, y: yOf(i) })),
    width,
    height,
    left: paths.length - edges.length,
  }
}

const round = (value: number) => Math.round(value * 10) / 10

/** At the logits paths arrive side by side, from where they come. */
const spreadAt = (offset: number, width: number) =>
  Math.max(-1, Math.min(1, (2 * offset) / width)) * NODE.width * 0.42

/** “into v from L0H0 +1.28; writes into the logits +2.46”: a head's strongest paths, in words. */
export function tellNode({ edges }: Graph, id: string): string {
  const into = edges.filter(({ to }) => to === id).slice(0, 3)
  const out = edges.filter(({ from }) => from === id).slice(0, 3)
  const parts = [
    ...into.map(({ from, input, value }) => `${input ?? 'reads'} from ${from} ${signed(value)}`),
    ...out.map(
      ({ to, input, value }) =>
        `writes into ${to === LOGITS ? 'the logits' : `${input} of ${to}`} ${signed(value)}`,
    ),
  ]
  return `${id === LOGITS ? 'Logits' : id}: ${parts.join('; ') || 'no path of this strength'}`
}
