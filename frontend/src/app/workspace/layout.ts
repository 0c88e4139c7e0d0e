import { TABS, type Tab } from '@/lib/experiment'

/** How the reader has arranged the workspace; a habit, no part of the experiment. */
export type Layout = {
  /** Two panels beside each other, where there is room. */
  readonly pair: boolean
  /** The panel on the left of a pair; the right one is the experiment's tab. */
  readonly beside: Tab
  /** Shares in percent: the grid of the whole, the left panel of the pair. */
  readonly heads: number
  readonly left: number
  /** The prompt takes one line. */
  readonly folded: boolean
}

export const STANDARD: Layout = {
  pair: true,
  beside: 'changes',
  heads: 33,
  left: 50,
  folded: false,
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** What was remembered, as far as it can still be read. */
export function readLayout(text: string | null): Layout {
  let read: unknown = null
  try {
    read = JSON.parse(text ?? 'null')
  } catch {
    return STANDARD
  }
  if (!isRecord(read)) return STANDARD
  const flag = (name: 'pair' | 'folded') =>
    typeof read[name] === 'boolean' ? read[name] : STANDARD[name]
  const share = (name: 'heads' | 'left') => {
    const value = read[name]
    return typeof value === 'number' && value >= 10 && value <= 90 ? value : STANDARD[name]
  }
  return {
    pair: flag('pair'),
    folded: flag('folded'),
    beside: TABS.find((tab) => tab === read['beside']) ?? STANDARD.beside,
    heads: share('heads'),
    left: share('left'),
  }
}

/** The panels shown, left to right; a pair never shows one panel twice. */
export function shownPanels({ pair, beside }: Layout, tab: Tab, isWide: boolean): readonly Tab[] {
  if (!isWide || !pair) return [tab]
  return [beside, tab === beside ? (beside === 'lens' ? 'changes' : 'lens') : tab]
}

/** The pair after one side chose a panel: what the other side shows already changes places. */
export function choosePanel(
  [left, right]: readonly [Tab, Tab],
  side: 'left' | 'right',
  chosen: Tab,
): { readonly beside: Tab; readonly tab: Tab } {
  if (side === 'left') return { beside: chosen, tab: chosen === right ? left : right }
  return { beside: chosen === left ? right : left, tab: chosen }
}
