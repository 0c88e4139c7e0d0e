import { useState } from 'react'
import { recall, remember } from '@/lib/storage'
import { readLayout, STANDARD, type Layout } from './layout'

const KEY = 'layout'

/** Where everything has to fit a low window the prompt starts out on one line. */
const isLow = () => window.innerWidth >= 1024 && window.innerHeight < 800

function first(): Layout {
  const remembered = recall(KEY)
  return remembered ? readLayout(remembered) : { ...STANDARD, folded: isLow() }
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
