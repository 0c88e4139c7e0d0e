import { useSyncExternalStore } from 'react'
import { parseColor, type Rgb } from '@/lib/color'

function onThemeChange(notify: () => void) {
  const observer = new MutationObserver(notify)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['class'] })
  return () => observer.disconnect()
}

/** A canvas cannot read CSS variables: the colours behind their names, in the present theme. */
export function useThemeColors<Name extends string>(names: readonly Name[]): Record<Name, Rgb> {
  const read = () => {
    const style = getComputedStyle(document.documentElement)
    return names.map((name) => style.getPropertyValue(name).trim() || '#808080').join(';')
  }
  const values = useSyncExternalStore(onThemeChange, read).split(';')
  return Object.fromEntries(names.map((name, i) => [name, parseColor(values[i] ?? '')])) as Record<
    Name,
    Rgb
  >
}

export const cssColor = ([r, g, b]: Rgb): string =>
  `rgb(${Math.round(r)}, ${Math.round(g)}, ${Math.round(b)})`
