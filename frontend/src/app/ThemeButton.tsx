import { useSyncExternalStore } from 'react'
import { getTheme, setTheme, subscribeTheme, THEMES, type Theme } from '@/lib/theme'
import { Button } from '@/ui/Button'

const icons: Record<Theme, string> = { system: '◐', light: '☀', dark: '☾' }

/** Steps through system, light and dark. */
export function ThemeButton() {
  const theme = useSyncExternalStore(subscribeTheme, getTheme)
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system'
  return (
    <Button
      look="quiet"
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}`}
      onClick={() => setTheme(next)}
      className="w-9 px-0!"
    >
      <span aria-hidden>{icons[theme]}</span>
    </Button>
  )
}
