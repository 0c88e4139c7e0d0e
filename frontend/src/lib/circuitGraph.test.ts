import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byPosition, headName, type Head } from './heads'
import { ordered } from './circuitLink'
import {
  layOut,
  LOGITS,
  MOST_EDGES,
  NODE,
  strongest,
  tellNode,
  type PathEdge,
} from './circuitGraph'

const edge = (
  sender: Head,
  receiver: Head | null,
  effect: number,
  input: PathEdge['input'] = receiver ? 'v' : null,
): PathEdge => ({ sender, receiver, input, effect, standard_error: null, share: null })

const [a, b, c] = [
  { layer: 0, head: 1 },
  { layer: 6, head: 6 },
  { layer: 7, head: 11 },
]
const three = [edge(b, null, -2), edge(a, b, -1), edge(b, c, 0.5), edge(a, c, 0.001)]

const heads = fc
  .array(fc.record({ layer: fc.nat(11), head: fc.nat(11) }), { maxLength: 40 })
  .map(ordered)

const pathsOf = (circuit: readonly Head[]): PathEdge[] =>
  circuit.flatMap((sender, i) => [
    edge(sender, null, Math.sin(i)),
    ...circuit
      .filter(({ layer }) => layer > sender.layer)
      .map((receiver, k) => edge(sender, receiver, Math.cos(i * 7 + k), 'q')),
  ])

test('every head stands once, later layers higher, none over another, and the logits on top', () => {
  fc.assert(
    fc.property(heads, fc.integer({ min: 320, max: 1200 }), (circuit, width) => {
      const { nodes, height } = layOut(circuit, pathsOf(circuit), width)
      const placed = nodes.filter((node) => node.head !== null)
      expect(placed.flatMap(({ head }) => head ?? []).sort(byPosition)).toEqual(circuit)
      for (const one of nodes) {
        expect(one.x).toBeGreaterThanOrEqual(NODE.width / 2)
        expect(one.x).toBeLessThanOrEqual(width - NODE.width / 2)
        expect(one.y).toBeLessThanOrEqual(height - NODE.height / 2)
        for (const other of nodes) {
          if (one === other) continue
          if ((one.head?.layer ?? Infinity) > (other.head?.layer ?? Infinity)) {
            expect(one.y).toBeLessThan(other.y)
          }
          const apart =
            Math.abs(one.x - other.x) >= NODE.width || Math.abs(one.y - other.y) >= NODE.height
          expect(apart).toBe(true)
        }
      }
    }),
  )
})

test('the strongest paths are drawn, upwards, and the rest is counted', () => {
  fc.assert(
    fc.property(heads, (circuit) => {
      const paths = pathsOf(circuit)
      const { nodes, edges, left } = layOut(circuit, paths, 700)
      const y = new Map(nodes.map((node) => [node.id, node.y]))
      expect(edges.length + left).toBe(paths.length)
      expect(edges.length).toBeLessThanOrEqual(MOST_EDGES)
      for (const { from, to } of edges) expect(y.get(to)!).toBeLessThan(y.get(from)!)
      const weakest = Math.min(...edges.map(({ strength }) => strength))
      const drawn = new Set(edges.map(({ id }) => id))
      const most = Math.max(...paths.map(({ effect }) => Math.abs(effect)))
      for (const { sender, receiver, input, effect } of paths) {
        const id = `${headName(sender)}→${receiver ? headName(receiver) + input : LOGITS}`
        if (!drawn.has(id)) {
          expect(Math.abs(effect) / most).toBeLessThanOrEqual(weakest + 1e-12)
        }
      }
    }),
  )
})

test('a path tells what it carries: cutting it lowers the metric, so it is for the task', () => {
  const graph = layOut([a, b, c], three, 600)
  expect(strongest(three)).toHaveLength(3)
  expect(graph.left).toBe(1)
  expect(graph.edges[0]).toMatchObject({ from: 'L6H6', to: LOGITS, value: 2, strength: 1 })
  expect(tellNode(graph, 'L6H6')).toBe(
    'L6H6: v from L0H1 +1.00; writes into the logits +2.00; writes into v of L7H11 −0.500',
  )
  expect(layOut([], [], 600).nodes).toHaveLength(1)
})
