/** A picture of a chart: its SVG and canvases, with title, legend and caption around them. */

import { saveBlob, saveText, slug } from './download'
import type { LegendItem } from './types'

type Words = {
  readonly name: string
  readonly unit?: string | undefined
  readonly legend: readonly LegendItem[]
  readonly caption?: string | undefined
}

const SCALE = 2
const MARGIN = 16
const LINE = 18

/** Presentation that may come from CSS and has to travel inside a lone SVG. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'visibility',
]

/** A copy of an SVG that looks the same without the page's style sheets. */
export function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement
  const copies = [copy, ...copy.querySelectorAll('*')]
  const originals = [svg, ...svg.querySelectorAll('*')]
  originals.forEach((original, i) => {
    const computed = getComputedStyle(original)
    const target = copies[i] as SVGElement
    target.removeAttribute('class')
    for (const name of STYLES) target.style.setProperty(name, computed.getPropertyValue(name))
  })
  const { width, height } = svg.getBoundingClientRect()
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  return new XMLSerializer().serializeToString(copy)
}

async function imageOf(svg: SVGSVGElement): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(new Blob([standalone(svg)], { type: 'image/svg+xml' }))
  const image = new Image()
  image.src = url
  try {
    await image.decode()
  } finally {
    URL.revokeObjectURL(url)
  }
  return image
}

/** Outermost pictures only: an SVG inside an SVG is already part of it. */
const picturesIn = (plot: HTMLElement) =>
  [...plot.querySelectorAll<SVGSVGElement | HTMLCanvasElement>('svg, canvas')].filter(
    (element) => !element.parentElement?.closest('svg') && !element.closest('[data-no-picture]'),
  )

function drawMark(context: CanvasRenderingContext2D, { mark }: LegendItem, x: number, y: number) {
  context.beginPath()
  if (mark === 'line' || mark === 'dashed') {
    context.setLineDash(mark === 'dashed' ? [4, 3] : [])
    context.moveTo(x, y)
    context.lineTo(x + 18, y)
  } else if (mark === 'dot') {
    context.arc(x + 9, y, 4, 0, 2 * Math.PI)
    context.fill()
  } else if (mark === 'cross') {
    context.moveTo(x + 5, y - 4)
    context.lineTo(x + 13, y + 4)
    context.moveTo(x + 13, y - 4)
    context.lineTo(x + 5, y + 4)
  } else if (mark === 'triangle') {
    context.moveTo(x + 9, y - 4)
    context.lineTo(x + 13.5, y + 4)
    context.lineTo(x + 4.5, y + 4)
    context.fill()
  } else {
    context.globalAlpha = mark === 'hatched' ? 0.35 : 1
    context.fillRect(x + 1, y - 4, 16, 8)
    context.globalAlpha = 1
    context.rect(x + 1, y - 4, 16, 8)
  }
  context.stroke()
  context.setLineDash([])
}

function wrap(context: CanvasRenderingContext2D, text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trimStart()
    if (context.measureText(longer).width <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

type Paper = {
  readonly context: CanvasRenderingContext2D
  /** The value of a theme variable. */
  readonly color: (name: string) => string
  readonly font: string
}

/** Title and legend. */
function drawHead({ context, color, font }: Paper, { name, unit, legend }: Words): void {
  context.textBaseline = 'middle'
  context.fillStyle = color('--ink')
  context.font = `600 14px ${font}`
  context.fillText(unit ? `${name} · ${unit}` : name, MARGIN, MARGIN + 8)
  context.font = `12px ${font}`
  let x = MARGIN
  for (const item of legend) {
    context.fillStyle = context.strokeStyle = color(item.color)
    context.lineWidth = 2
    drawMark(context, item, x, MARGIN + LINE + 12)
    context.fillStyle = color('--ink-2')
    context.fillText(item.label, x + 24, MARGIN + LINE + 12)
    x += 24 + context.measureText(item.label).width + 16
  }
}

/** Headings and colour scales inside the plot that are no part of its pictures. */
function drawMarkedElements(
  context: CanvasRenderingContext2D,
  plot: HTMLElement,
  top: number,
): void {
  const frame = plot.getBoundingClientRect()
  const placeOf = (box: DOMRect) =>
    [MARGIN + box.left - frame.left, top + box.top - frame.top] as const
  for (const element of plot.querySelectorAll('[data-picture-fill]')) {
    const box = element.getBoundingClientRect()
    context.fillStyle = getComputedStyle(element).backgroundColor
    context.fillRect(...placeOf(box), box.width, box.height)
  }
  for (const element of plot.querySelectorAll('[data-picture-text]')) {
    const box = element.getBoundingClientRect()
    const [x, y] = placeOf(box)
    const style = getComputedStyle(element)
    context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
    context.fillStyle = style.color
    context.fillText(element.textContent, x, y + box.height / 2)
  }
}

/** Draws the plot as it stands on the page, in its theme, twice as fine. */
export async function pictureOf(plot: HTMLElement, words: Words): Promise<Blob> {
  const pictures = picturesIn(plot)
  const images = await Promise.all(
    pictures.map(async (picture) =>
      picture instanceof SVGSVGElement ? imageOf(picture) : picture,
    ),
  )
  const frame = plot.getBoundingClientRect()
  const boxes = pictures.map((picture) => picture.getBoundingClientRect())
  const marked = [...plot.querySelectorAll('[data-picture-fill], [data-picture-text]')]
  const height = [...boxes, ...marked.map((element) => element.getBoundingClientRect())].reduce(
    (most, box) => Math.max(most, box.bottom - frame.top),
    0,
  )
  const theme = getComputedStyle(plot)
  const color = (name: string) => theme.getPropertyValue(name).trim()
  const font = theme.fontFamily
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser draws no pictures.')

  context.font = `12px ${font}`
  const caption = words.caption ? wrap(context, words.caption, frame.width) : []
  const top = MARGIN + LINE + (words.legend.length > 0 ? LINE + 4 : 0) + 6
  canvas.width = SCALE * (frame.width + 2 * MARGIN)
  canvas.height = SCALE * (top + height + caption.length * LINE + MARGIN + 6)
  context.scale(SCALE, SCALE)
  context.fillStyle = color('--surface')
  context.fillRect(0, 0, canvas.width, canvas.height)
  drawHead({ context, color, font }, words)
  images.forEach((image, i) => {
    const box = boxes[i]
    if (!box || box.width === 0) return
    const [x, y] = [MARGIN + box.left - frame.left, top + box.top - frame.top]
    context.drawImage(image, x, y, box.width, box.height)
  })
  drawMarkedElements(context, plot, top)
  context.font = `12px ${font}`
  context.fillStyle = color('--ink-3')
  caption.forEach((line, i) => context.fillText(line, MARGIN, top + height + 12 + i * LINE))
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) =>
      blob ? resolve(blob) : reject(new Error('The picture is too large.')),
    ),
  )
}

export async function downloadPng(plot: HTMLElement, words: Words): Promise<void> {
  saveBlob(await pictureOf(plot, words), `${slug(words.name)}.png`)
}

/** The plot's one drawing, in the theme it is shown in. */
export function downloadSvg(plot: HTMLElement, name: string): void {
  const [svg] = picturesIn(plot)
  if (svg instanceof SVGSVGElement) saveText(standalone(svg), `${slug(name)}.svg`, 'image/svg+xml')
}
