import { expect, test } from 'vitest'
import { marksOf, tellMarks, withShapes } from './headKinds'

const kind = (title: string, heads: [number, number][], weak: [number, number][] = []) => {
  const named = ([layer, head]: [number, number]) => ({ layer, head })
  return {
    name: title,
    title,
    meaning: '',
    source: '',
    heads: heads.map(named),
    weak: weak.map(named),
  }
}

test('a head of two kinds has both marks, and each kind a shape of its own', () => {
  const kinds = withShapes([
    kind('Name movers', [[9, 9]]),
    kind('Induction heads', [[5, 5]]),
    kind('S-inhibition heads', [[7, 3]], [[9, 9]]),
  ])
  expect(new Set(kinds.map(({ shape }) => shape)).size).toBe(3)
  const marks = marksOf(kinds)
  expect(marks.get('L9H9')?.map(({ shape, weak }) => [shape, weak])).toEqual([
    [kinds[0]?.shape, false],
    [kinds[2]?.shape, true],
  ])
  expect(tellMarks(marks, { layer: 9, head: 9 })).toBe('name movers, weakly S-inhibition heads')
  expect(tellMarks(marks, { layer: 9, head: null })).toBe('')
  expect(tellMarks(null, { layer: 9, head: 9 })).toBe('')
})
