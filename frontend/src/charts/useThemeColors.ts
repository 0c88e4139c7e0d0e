import { useCallback, useContext, useSyncExternalStore } from 'react'
import { parseColor, type Rgb } from '@/lib/color'
import { Root } from '@/ui/root'

/** A canvas cannot read CSS variables: the colours behind their names, in the present theme. */
export function useThemeColors<Name extends string>(names: readonly Name[]): Record<Name, Rgb> {
  const root = useContext(Root) ?? document.documentElement
  const onThemeChange = useCallback(
    (notify: () => void) => {
      const observer = new MutationObserver(notify)
      observer.observe(root, { attributes: true, attributeFilter: ['class'] })
      return () => observer.disconnect()
    },
    [root],
  )
  const read = () => {
    const style = getComputedStyle(root)
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
