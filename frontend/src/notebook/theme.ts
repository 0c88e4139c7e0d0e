/** Light or dark as the notebook around a part is. */

import { luminance } from '@/lib/color'

/** A colour as it is painted, in whatever notation it is written; null where nothing is. */
function painted(color: string): readonly [number, number, number] | null {
  const context = document.createElement('canvas').getContext('2d')
  if (!context) return null
  context.fillStyle = color
  context.fillRect(0, 0, 1, 1)
  const [r = 0, g = 0, b = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data
  return alpha > 127 ? [r, g, b] : null
}

/** What an element stands in, also where that is a shadow tree. */
function around(element: Element): Element | null {
  const root = element.getRootNode()
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null)
}

/** Whether an element stands on something dark, whichever notebook that is of. */
export function standsOnDark(element: Element): boolean {
  for (let at: Element | null = element; at; at = around(at)) {
    const background = painted(getComputedStyle(at).backgroundColor)
    if (background) return luminance(background) < 0.2
  }
  // VS Code paints behind the page, and says what.
  const kind = document.body.dataset['vscodeThemeKind']
  if (kind !== undefined) return !kind.includes('light')
  return matchMedia('(prefers-color-scheme: dark)').matches
}

/** Keeps the palette as the notebook is, until the returned function is called. */
export function followHost(element: HTMLElement, palette: HTMLElement): () => void {
  const apply = () => palette.classList.toggle('dark', standsOnDark(element))
  const observer = new MutationObserver(() => {
    apply()
    // Some notebooks name the theme before its colours are there.
    setTimeout(apply, 300)
  })
  for (const node of [document.documentElement, document.body]) {
    observer.observe(node, { attributes: true })
  }
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', apply)
  apply()
  // Before it is in the page, an element stands on nothing.
  requestAnimationFrame(apply)
  return () => {
    observer.disconnect()
    system.removeEventListener('change', apply)
  }
}
