import { expect, test } from 'vitest'
import { heatPixels, layoutOf } from './heatDrawing'
import { spread } from './spread'

test('a heat map fills its width with square cells, however many', () => {
  for (const n of [1, 5, 34, 512]) {
    const labels = Array.from({ length: n }, (_, i) => `token${i}`)
    const { width, left, cell } = layoutOf(n, labels, 600)
    expect(left + n * cell).toBeLessThanOrEqual(width)
    expect(cell).toBeGreaterThan(0)
    expect(cell).toBeLessThanOrEqual(26)
  }
})

test('pixels run from the low to the high colour, and the future is transparent', () => {
  const pixels = heatPixels(
    [
      [1, 0],
      [0, 1],
    ],
    [0, 0, 0],
    [255, 255, 255],
  )
  expect([...pixels.slice(0, 4)]).toEqual([255, 255, 255, 255])
  expect(pixels[7]).toBe(0)
  expect([...pixels.slice(8, 12)]).toEqual([0, 0, 0, 255])
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
