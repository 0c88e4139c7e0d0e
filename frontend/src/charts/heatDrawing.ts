/** Drawing of a heat map; no React in it. */

import { rampBytes, type Rgb } from '@/lib/color'
import { cssColor } from './useThemeColors'

/** [row][column]; what is not there, or null, stays transparent. */
export type HeatValues = readonly (readonly (number | null)[])[]

export type HeatAxis = {
  /** One for each row or column. */
  readonly labels: readonly string[]
  /** What stands at a place where there is no room for all labels; nothing when null. */
  readonly sparse?: (index: number) => string | null
}

export type HeatLayout = {
  readonly width: number
  readonly height: number
  /** Space of the labels. */
  readonly left: number
  readonly top: number
  /** Sides of one cell; fractions of a pixel where there are many. */
  readonly cellWidth: number
  readonly cellHeight: number
}

const FONT_SIZE = 12
const CHARACTER = 7.3
const LONGEST = 11
const BIGGEST_CELL = 26

const shorten = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text)

const roomOf = (labels: readonly string[]) =>
  Math.round(Math.max(2, ...labels.map((label) => shorten(label).length)) * CHARACTER + 8)

/**
 * Cells that fill the width; labels take what the longest of them needs. They are square where rows
 * and columns are the same things; else a row never gets lower than a line.
 */
export function layoutOf(rows: HeatAxis, columns: HeatAxis, width: number): HeatLayout {
  const left = roomOf(rows.labels)
  const cellWidth = Math.min(BIGGEST_CELL, (width - left - 2) / Math.max(1, columns.labels.length))
  const cellHeight = rows === columns ? cellWidth : Math.max(cellWidth, 16)
  const top = cellWidth >= FONT_SIZE ? roomOf(columns.labels) : 14
  const height = Math.ceil(top + rows.labels.length * cellHeight + 2)
  return { width, height, left, top, cellWidth, cellHeight }
}

/** Attention is mostly small: shading by its square root keeps 1 % visible. */
export const attentionFraction = (value: number): number =>
  Math.sqrt(Math.min(1, Math.max(0, value)))

export type HeatColours = {
  /** Where a value stands: 0 to 1, or −1 to 1 between the two ends. */
  readonly place: (value: number) => number
  /** Nothing → much; or less → zero → more. */
  readonly ramp: readonly [Rgb, Rgb] | readonly [Rgb, Rgb, Rgb]
}

/** Values to pixels, one per cell, `columns` in a row. */
export function heatPixels(
  values: HeatValues,
  columns: number,
  { place, ramp }: HeatColours,
): Uint8ClampedArray<ArrayBuffer> {
  const [low, middle, high = middle] = ramp
  const up = rampBytes(ramp.length === 3 ? middle : low, high)
  const down = rampBytes(middle, low)
  const pixels = new Uint8ClampedArray(values.length * columns * 4)
  values.forEach((row, i) =>
    row.forEach((value, j) => {
      if (value === null) return
      const at = Math.min(1, Math.max(-1, place(value)))
      const step = Math.round(Math.abs(at) * 255) * 4
      pixels.set((at < 0 ? down : up).subarray(step, step + 4), (i * columns + j) * 4)
    }),
  )
  return pixels
}

type Label = { readonly text: string; readonly middle: number }

/** Every label where there is room, else those that are to stand alone, or every tenth number. */
function labelsOf({ labels, sparse }: HeatAxis, side: number): Label[] {
  const roomy = side >= FONT_SIZE
  const step = [5, 10, 20, 50, 100, 200].find((each) => each * side >= 22) ?? 500
  const alone = sparse ?? ((index: number) => (index % step === 0 ? String(index) : null))
  return labels.flatMap((label, index) => {
    const text = roomy ? shorten(label) : alone(index)
    return text === null ? [] : [{ text, middle: (index + 0.5) * side }]
  })
}

function drawLabels(
  context: CanvasRenderingContext2D,
  rows: HeatAxis,
  columns: HeatAxis,
  { left, top, cellWidth, cellHeight }: HeatLayout,
) {
  context.font = `${FONT_SIZE}px ui-monospace, 'SF Mono', Menlo, 'Cascadia Mono', 'DejaVu Sans Mono', monospace`
  context.textBaseline = 'middle'
  // Without ligatures: `<|` is two characters of a token, no arrow.
  context.textRendering = 'optimizeSpeed'
  context.textAlign = 'right'
  for (const { text, middle } of labelsOf(rows, cellHeight)) {
    context.fillText(text, left - 5, top + middle)
  }
  const roomy = cellWidth >= FONT_SIZE
  context.textAlign = roomy ? 'left' : 'center'
  for (const { text, middle } of labelsOf(columns, cellWidth)) {
    context.save()
    context.translate(left + middle, top - (roomy ? 5 : 7))
    if (roomy) context.rotate(-Math.PI / 2)
    context.fillText(text, 0, 0)
    context.restore()
  }
}

export type Heat = {
  readonly values: HeatValues
  readonly rows: HeatAxis
  readonly columns: HeatAxis
  readonly colours: HeatColours
  /** Of the labels. */
  readonly ink: Rgb
}

/** The whole map at twice the screen's resolution. */
export function drawHeatMap(canvas: HTMLCanvasElement, heat: Heat, layout: HeatLayout): void {
  const { values, rows, columns, colours, ink } = heat
  const { width, height, left, top, cellWidth, cellHeight } = layout
  const scale = 2
  canvas.width = width * scale
  canvas.height = height * scale
  const context = canvas.getContext('2d')
  const [n, m] = [values.length, columns.labels.length]
  if (!context || n === 0 || m === 0) return
  context.scale(scale, scale)

  const cells = document.createElement('canvas')
  cells.width = m
  cells.height = n
  cells.getContext('2d')?.putImageData(new ImageData(heatPixels(values, m, colours), m, n), 0, 0)
  context.imageSmoothingEnabled = cellWidth < 1
  context.drawImage(cells, left, top, m * cellWidth, n * cellHeight)

  context.fillStyle = cssColor(ink)
  drawLabels(context, rows, columns, layout)
}
