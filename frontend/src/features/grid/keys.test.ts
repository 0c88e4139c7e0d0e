import { expect, test } from 'vitest'
import { move, placeOf, siteAt } from './keys'

const shape = { nLayers: 12, nHeads: 12 }
const press = (key: string, row: number, col: number, ctrlKey = false) =>
  move({ row, col }, { key, ctrlKey }, shape)

test.each([
  ['ArrowUp', 3, 4, { row: 2, col: 4 }],
  ['ArrowDown', 11, 4, { row: 11, col: 4 }],
  ['ArrowLeft', 3, 0, { row: 3, col: -1 }],
  ['ArrowRight', 3, 11, { row: 3, col: 12 }],
  ['ArrowRight', 3, 12, { row: 3, col: 12 }],
  ['Home', 3, 4, { row: 3, col: 0 }],
  ['End', 3, 4, { row: 3, col: 12 }],
  ['PageUp', 3, 4, { row: 0, col: 4 }],
  ['PageDown', 3, 4, { row: 11, col: 4 }],
])('%s from %i, %i', (key, row, col, expected) => {
  expect(press(key, row, col)).toEqual(expected)
})

test('Control with Home and End leads to the corners', () => {
  expect(press('Home', 3, 4, true)).toEqual({ row: 0, col: 0 })
  expect(press('End', 3, 4, true)).toEqual({ row: 11, col: 12 })
})

test('nothing leads into the empty corner, and other keys do not move', () => {
  expect(press('ArrowLeft', -1, 0)).toEqual({ row: -1, col: 0 })
  expect(press('ArrowUp', 0, -1)).toEqual({ row: 0, col: -1 })
  expect(press('a', 0, 0)).toBeNull()
})

test('the column after the heads is the MLPs', () => {
  expect(siteAt({ row: 3, col: 12 }, shape)).toEqual({ layer: 3, head: null })
  expect(siteAt({ row: 3, col: 11 }, shape)).toEqual({ layer: 3, head: 11 })
  expect(siteAt({ row: 3, col: -1 }, shape)).toBeNull()
  expect(placeOf({ layer: 3, head: null }, shape)).toEqual({ row: 3, col: 12 })
})
