import { expect, test } from 'vitest'
import { heatPixels, layoutOf } from './heatDrawing'
import { spread } from './spread'

test('a heat map fills its width with square cells, however many', () => {
  for (const n of [1, 5, 34, 512]) {
    const axis = { labels: Array.from({ length: n }, (_, i) => `token${i}`) }
    const { width, left, cellWidth, cellHeight } = layoutOf(axis, axis, 600)
    expect(left + n * cellWidth).toBeLessThanOrEqual(width)
    expect(cellWidth).toBeGreaterThan(0)
    expect(cellHeight).toBe(cellWidth)
  }
})

test('few rows stay as high as a line beside many columns', () => {
  const rows = { labels: Array.from({ length: 12 }, (_, i) => String(i)) }
  const columns = { labels: Array.from({ length: 200 }, (_, i) => `token${i}`) }
  const { cellWidth, cellHeight } = layoutOf(rows, columns, 600)
  expect(cellWidth).toBeLessThan(3)
  expect(cellHeight).toBe(16)
})

const BLACK = [0, 0, 0] as const
const WHITE = [255, 255, 255] as const
const RED = [255, 0, 0] as const

test('pixels run from the low to the high colour, and what is not there is transparent', () => {
  const colours = { place: (value: number) => value, ramp: [BLACK, WHITE] as const }
  const pixels = heatPixels([[1], [0, 1], [null, 1]], 2, colours)
  expect([...pixels.slice(0, 4)]).toEqual([255, 255, 255, 255])
  expect(pixels[7]).toBe(0)
  expect([...pixels.slice(8, 12)]).toEqual([0, 0, 0, 255])
  expect(pixels[19]).toBe(0)
})

test('numbers with a sign meet in the middle colour', () => {
  const colours = { place: (value: number) => value, ramp: [RED, BLACK, WHITE] as const }
  const pixels = heatPixels([[-1, 0, 1]], 3, colours)
  expect([...pixels]).toEqual([255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 255])
})

test('names at line ends keep a line’s height between them', () => {
  const lifts = spread([
    { key: 'a', y: 50 },
    { key: 'b', y: 52 },
    { key: 'c', y: 200 },
  ])
  expect(lifts.get('a')).toBe(0)
  expect(52 + (lifts.get('b') ?? 0)).toBe(65)
  expect(lifts.get('c')).toBe(0)
})
