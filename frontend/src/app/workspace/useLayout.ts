import { useState } from 'react'
import { recall, remember } from '@/lib/storage'
import { readLayout, STANDARD, type Layout } from './layout'

const KEY = 'layout'

/** Where there is little room the prompt starts out on one line. */
const isSmall = () => window.innerWidth < 640 || window.innerHeight < 800

function first(): Layout {
  const remembered = recall(KEY)
  return remembered ? readLayout(remembered) : { ...STANDARD, folded: isSmall() }
}

/** The arrangement of the workspace, kept in this browser. */
export function useLayout() {
  const [layout, setLayout] = useState<Layout>(first)
  function arrange(patch: Partial<Layout>) {
    const next = { ...layout, ...patch }
    remember(KEY, JSON.stringify(next))
    setLayout(next)
  }
  return { layout, arrange }
}
