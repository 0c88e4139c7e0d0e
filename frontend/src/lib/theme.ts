import { recall, remember } from './storage'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** public/theme.js applies the same choice before the first paint. */
function apply(theme: Theme): void {
  const dark =
    theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', dark)
}

const listeners = new Set<() => void>()

export const getTheme = (): Theme => THEMES.find((theme) => theme === recall('theme')) ?? 'system'

export function setTheme(theme: Theme): void {
  remember('theme', theme)
  apply(theme)
  listeners.forEach((listener) => listener())
}

export function subscribeTheme(listener: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const follow = () => apply(getTheme())
  listeners.add(listener)
  system.addEventListener('change', follow)
  return () => {
    listeners.delete(listener)
    system.removeEventListener('change', follow)
  }
}
