/** A tree of its own in a notebook's page, so that neither's styles reach the other. */

import styles from '@/styles/index.css?inline'

/** Names of custom properties hold for the whole document alone. */
const PROPERTY = /@property[^{]*\{[^}]*\}/g

function registerProperties(document: Document) {
  const id = 'attention-surgery-properties'
  if (document.getElementById(id)) return
  const style = document.createElement('style')
  style.id = id
  style.textContent = (styles.match(PROPERTY) ?? []).join('\n')
  document.head.append(style)
}

/** Within an element: where a part stands, styled as on the page. */
export function openShadow(element: HTMLElement): HTMLElement {
  registerProperties(element.ownerDocument)
  const shadow = element.shadowRoot ?? element.attachShadow({ mode: 'open' })
  const style = document.createElement('style')
  style.textContent = styles
  const root = document.createElement('div')
  root.className = 'palette'
  root.style.background = 'transparent'
  shadow.replaceChildren(style, root)
  // JupyterLab's one-key commands stay away from what is typed here.
  element.dataset['lmSuppressShortcuts'] = 'true'
  return root
}
