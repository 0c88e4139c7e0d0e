/** Parts of the page for a notebook, as anywidget loads them: one module, all parts. */

import type { ComponentType } from 'react'
import { createRoot } from 'react-dom/client'
import { Root } from '@/ui/root'
import { AttentionPatternPart } from './AttentionPatternPart'
import { HeadGridPart } from './HeadGridPart'
import { Host, type HostModel } from './host'
import { LogitLensPart } from './LogitLensPart'
import { PatchGridPart } from './PatchGridPart'
import { openShadow } from './shadow'
import type { Fixed } from './state'
import { followHost } from './theme'
import { TokenStreamsPart } from './TokenStreamsPart'

const PARTS: Readonly<Record<string, ComponentType>> = {
  HeadGrid: HeadGridPart,
  TokenStreams: TokenStreamsPart,
  LogitLens: LogitLensPart,
  AttentionPattern: AttentionPatternPart,
  PatchGrid: PatchGridPart,
}

function render({ model, el }: { model: HostModel; el: HTMLElement }) {
  const palette = openShadow(el)
  const leave = followHost(el, palette)
  const root = createRoot(palette)
  const { part } = model.get('_fixed') as Fixed
  const Part = PARTS[part]
  if (!Part) throw new Error(`There is no part ${part}: build the page again.`)
  root.render(
    <Root value={palette}>
      <Host value={model}>
        <section
          aria-label={part}
          className="@container rounded-xl border border-line bg-surface p-4"
        >
          <Part />
        </section>
      </Host>
    </Root>,
  )
  return () => {
    root.unmount()
    leave()
  }
}

export default { render }
