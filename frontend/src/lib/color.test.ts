import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contrast, mix, onDiverging, onSequential, parseColor, rampBytes, type Rgb } from './color'

const channel = fc.integer({ min: 0, max: 255 })
const color = fc.tuple(channel, channel, channel)

test('colours are read in every form the page writes', () => {
  expect(parseColor('#0f8')).toEqual([0, 255, 136])
  expect(parseColor(' #16335e ')).toEqual([22, 51, 94])
  expect(parseColor('rgb(22, 51, 94)')).toEqual([22, 51, 94])
  expect(() => parseColor('transparent')).toThrow('transparent')
})

test('a mixture begins at one colour and ends at the other', () => {
  fc.assert(
    fc.property(color, color, (from, to) => {
      for (const [fraction, end] of [
        [0, from],
        [1, to],
      ] as const) {
        mix(from, to, fraction).forEach((value, i) => expect(value).toBeCloseTo(end[i]!, 0))
      }
    }),
  )
})

test('contrast of black and white is 21, of equal colours 1', () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21)
  expect(contrast([9, 9, 9], [9, 9, 9])).toBe(1)
})

test('a ramp holds opaque pixels from the first colour to the last', () => {
  const bytes = rampBytes([0, 0, 0], [255, 255, 255], 3)
  expect([...bytes.slice(0, 4)]).toEqual([0, 0, 0, 255])
  expect([...bytes.slice(8)]).toEqual([255, 255, 255, 255])
  expect(bytes[4]).toBeGreaterThan(90)
})

const css = readFileSync('src/styles/theme.css', 'utf8')
const [lightCss, darkCss] = css.split(':root.dark') as [string, string]

/** Reads a theme variable from the style sheet itself. */
function variable(theme: 'light' | 'dark', name: string): Rgb {
  const pattern = new RegExp(`${name}: (#[0-9a-f]+);`)
  const found = (theme === 'dark' ? pattern.exec(darkCss) : null) ?? pattern.exec(lightCss)
  return parseColor(found?.[1] ?? `no ${name}`)
}

/** What a browser makes of `var(--x)` and `color-mix(in oklab, var(--a), var(--b) 12%)`. */
function resolve(theme: 'light' | 'dark', value: string): Rgb {
  const names = value.match(/--[a-z-]+\d?/g)!
  const share = /([\d.]+)%/.exec(value)?.[1]
  const [from, to] = names.map((name) => variable(theme, name)) as [Rgb, Rgb | undefined]
  return to ? mix(from, to, Number(share) / 100) : from
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each([
    ['sequential', onSequential, 0],
    ['diverging', onDiverging, -1],
  ] as const)('text on the %s scale keeps 4.5:1 everywhere', (_, shade, from) => {
    for (let fraction = from as number; fraction <= 1; fraction += 0.01) {
      const { background, color: ink } = shade(fraction)
      expect(contrast(resolve(theme, background), resolve(theme, ink))).toBeGreaterThanOrEqual(4.5)
    }
  })

  test('the sequential scale never turns back', () => {
    const luminances = Array.from({ length: 101 }, (_, i) =>
      contrast(resolve(theme, onSequential(i / 100).background), variable(theme, '--seq-lo')),
    )
    luminances.slice(1).forEach((value, i) => expect(value).toBeGreaterThanOrEqual(luminances[i]!))
  })

  test.each(['--chart-control', '--chart-ablated', 1, 2, 3, 4, 5, 6])(
    'the line colour %s stands 3:1 off the surface',
    (name) => {
      const line = typeof name === 'number' ? `--chart-${name}` : name.replace('chart-', '')
      expect(contrast(variable(theme, line), variable(theme, '--surface'))).toBeGreaterThan(3)
    },
  )
})

test('zero is the middle of the diverging scale, and out-of-range values stop at its ends', () => {
  expect(onDiverging(0).background).toContain('0%')
  expect(onDiverging(-7)).toEqual(onDiverging(-1))
  expect(onSequential(7)).toEqual(onSequential(1))
})
