import { expect, test } from 'vitest'
import type { PathEdge } from './circuitGraph'
import { graphmlOf, mibOf } from './circuitFiles'
import written from './circuit-files.json'

const paths = written.edges.map((edge): PathEdge => ({
  ...edge,
  input: edge.input as PathEdge['input'],
  standard_error: null,
  share: null,
}))

test('the page writes the files that Python writes', () => {
  expect(mibOf(written.sizes, written.heads, written.needed, paths)).toEqual(written.mib)
  expect(graphmlOf(written.heads, paths)).toBe(written.graphml)
})

test('heads that were not measured have no score', () => {
  expect(mibOf(written.sizes, written.heads, [], []).nodes['a0.h1']).toEqual({ in_graph: true })
})
