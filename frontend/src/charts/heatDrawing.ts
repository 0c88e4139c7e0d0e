/** Drawing of a causal heat map; no React in it. */

import { rampBytes, type Rgb } from '@/lib/color'
import { cssColor } from './useThemeColors'

export type HeatLayout = {
  readonly width: number
  readonly height: number
  /** Space of the labels. */
  readonly left: number
  readonly top: number
  /** Side of one cell; a fraction of a pixel where tokens are many. */
  readonly cell: number
}

const FONT_SIZE = 12
const CHARACTER = 7.3
const LONGEST = 11
const BIGGEST_CELL = 26

const shorten = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)

/** Square cells that fill the width; labels take what the longest of them needs. */
export function layoutOf(n: number, labels: readonly string[], width: number): HeatLayout {
  const longest = Math.max(2, ...labels.map((label) => shorten(label).length))
  const left = Math.round(longest * CHARACTER + 8)
  const cell = Math.min(BIGGEST_CELL, (width - left - 2) / Math.max(1, n))
  const top = cell >= FONT_SIZE ? left : 14
  return { width, height: Math.ceil(top + n * cell + 2), left, top, cell }
}

/** Attention is mostly small: shading by its square root keeps 1 % visible. */
export const attentionFraction = (value: number): number =>
  Math.sqrt(Math.min(1, Math.max(0, value)))

/** Values to pixels, one per cell; what lies in the future stays transparent. */
export function heatPixels(
  values: readonly (readonly number[])[],
  from: Rgb,
  to: Rgb,
): Uint8ClampedArray<ArrayBuffer> {
  const n = values.length
  const ramp = rampBytes(from, to)
  const pixels = new Uint8ClampedArray(n * n * 4)
  values.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      const step = Math.round(attentionFraction(row[j] ?? 0) * 255) * 4
      pixels.set(ramp.subarray(step, step + 4), (i * n + j) * 4)
    }
  })
  return pixels
}

/** Every label where there is room, else every tenth position or so, as a number. */
function drawLabels(
  context: CanvasRenderingContext2D,
  labels: readonly string[],
  layout: HeatLayout,
) {
  const { left, top, cell } = layout
  const roomy = cell >= FONT_SIZE
  const step = roomy ? 1 : ([5, 10, 20, 50, 100, 200].find((each) => each * cell >= 22) ?? 500)
  context.font = `${FONT_SIZE}px 'JetBrains Mono Variable', ui-monospace, monospace`
  context.textBaseline = 'middle'
  // Without ligatures: `<|` is two characters of a token, no arrow.
  context.textRendering = 'optimizeSpeed'
  for (let i = 0; i < labels.length; i += step) {
    const text = roomy ? shorten(labels[i] ?? '') : String(i)
    const middle = (i + 0.5) * cell
    context.textAlign = 'right'
    context.fillText(text, left - 5, top + middle)
    context.save()
    context.translate(left + middle, top - 5)
    if (roomy) context.rotate(-Math.PI / 2)
    context.textAlign = roomy ? 'left' : 'center'
    context.fillText(text, 0, 0)
    context.restore()
  }
}

type HeatTheme = Readonly<Record<'--seq-lo' | '--seq-hi' | '--ink-3', Rgb>>

/** The whole map at twice the screen's resolution. */
export function drawHeatMap(
  canvas: HTMLCanvasElement,
  values: readonly (readonly number[])[],
  labels: readonly string[],
  layout: HeatLayout,
  theme: HeatTheme,
): void {
  const scale = 2
  canvas.width = layout.width * scale
  canvas.height = layout.height * scale
  const context = canvas.getContext('2d')
  const n = values.length
  if (!context || n === 0) return
  context.scale(scale, scale)

  const cells = document.createElement('canvas')
  cells.width = cells.height = n
  const pixels = heatPixels(values, theme['--seq-lo'], theme['--seq-hi'])
  cells.getContext('2d')?.putImageData(new ImageData(pixels, n, n), 0, 0)
  context.imageSmoothingEnabled = layout.cell < 1
  context.drawImage(cells, layout.left, layout.top, n * layout.cell, n * layout.cell)

  context.fillStyle = cssColor(theme['--ink-3'])
  drawLabels(context, labels, layout)
}
