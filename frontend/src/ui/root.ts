import { createContext } from 'react'

/**
 * The element that carries the palette and what floats. The document's own where it is null; a part
 * of the page within another page, as in a notebook, brings its own.
 */
export const Root = createContext<HTMLElement | null>(null)
