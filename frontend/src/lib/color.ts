/**
 * Colours as numbers, for canvases and for proving contrast. Mixing happens in OKLab, as CSS
 * `color-mix(in oklab, …)` does, so that equal steps look equal.
 * Source: Ottosson 2020, https://bottosson.github.io/posts/oklab/
 */

/** Red, green, blue, each 0–255. */
export type Rgb = readonly [number, number, number]

type Triple = [number, number, number]

/** Reads #rgb, #rrggbb and what `getComputedStyle` writes, rgb(1, 2, 3). */
export function parseColor(text: string): Rgb {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1]
  if (hex) {
    const width = hex.length / 3
    const channel = (i: number) => hex.slice(i * width, (i + 1) * width).repeat(2 / width)
    return [0, 1, 2].map((i) => Number.parseInt(channel(i), 16)) as Triple
  }
  const numbers = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/.exec(text.trim())
  if (!numbers) throw new Error(`“${text}” is no colour this page writes`)
  return [Number(numbers[1]), Number(numbers[2]), Number(numbers[3])]
}

const toLinear = (channel: number): number => {
  const c = channel / 255
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
}

const fromLinear = (c: number): number => {
  const clipped = Math.min(1, Math.max(0, c))
  return 255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055)
}

function toOklab(color: Rgb): Triple {
  const [r, g, b] = color.map(toLinear) as Triple
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function fromOklab([lightness, a, b]: Triple): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    fromLinear(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    fromLinear(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    fromLinear(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

/** `fraction` of the way from one colour to the other, in OKLab. */
export function mix(from: Rgb, to: Rgb, fraction: number): Rgb {
  const start = toOklab(from)
  const end = toOklab(to)
  const between = start.map((v, i) => v + ((end[i] ?? v) - v) * fraction) as Triple
  return fromOklab(between)
}

/** WCAG 2 relative luminance, 0 to 1. */
export function luminance(color: Rgb): number {
  const [r, g, b] = color.map(toLinear) as Triple
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** WCAG 2 contrast ratio, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** `steps` colours from one to the other as RGBA bytes, for writing pixels by table look-up. */
export function rampBytes(from: Rgb, to: Rgb, steps = 256): Uint8ClampedArray<ArrayBuffer> {
  const bytes = new Uint8ClampedArray(steps * 4)
  for (let i = 0; i < steps; i++) {
    bytes.set([...mix(from, to, steps === 1 ? 0 : i / (steps - 1)), 255], i * 4)
  }
  return bytes
}

export type Shade = { readonly background: string; readonly color: string }

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

const mixed = (from: string, to: string, fraction: number) =>
  `color-mix(in oklab, var(${from}), var(${to}) ${Math.round(fraction * 1000) / 10}%)`

/**
 * In the middle of the sequential scale neither dark nor light text is readable; cells that carry
 * text step over it. The bounds hold in both themes, which a test proves.
 */
const READABLE = { darkTextUntil: 0.455, lightTextFrom: 0.645 }

/** Background and text colour of a cell with text; 0 is nothing, 1 the most there is. */
export function onSequential(fraction: number): Shade {
  const f = clamp(fraction, 0, 1)
  const { darkTextUntil, lightTextFrom } = READABLE
  if (f <= 0.5) {
    return {
      background: mixed('--seq-lo', '--seq-hi', 2 * f * darkTextUntil),
      color: 'var(--ink)',
    }
  }
  const upper = lightTextFrom + (2 * f - 1) * (1 - lightTextFrom)
  return { background: mixed('--seq-lo', '--seq-hi', upper), color: 'var(--surface)' }
}

/** Both ends stop where ink can still be read on them. */
const DIVERGING_LIMIT = 0.48

/** Background and text colour of a cell with text; −1 to 1, zero is the neutral middle. */
export function onDiverging(fraction: number): Shade {
  const f = clamp(fraction, -1, 1)
  const end = f < 0 ? '--div-neg' : '--div-pos'
  return {
    background: mixed('--div-mid', end, Math.abs(f) * DIVERGING_LIMIT),
    color: 'var(--ink)',
  }
}
