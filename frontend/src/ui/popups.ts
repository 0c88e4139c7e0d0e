/** How everything that floats looks, and how far it stays from its anchor and the window's edge. */
export const POPUP =
  'max-h-(--available-height) max-w-(--available-width) overflow-y-auto rounded-lg border border-line bg-surface shadow-float outline-none'

export const PLACE = { sideOffset: 6, collisionPadding: 8, className: 'z-50' } as const
