import type { DOMAttributes } from 'react'
import type { Site } from '@/lib/heads'

/** What pressing the grid does. */
export type GridTool = {
  /** A press by click, Space or assistive technology; of a header, its whole line. */
  readonly press: (sites: readonly Site[]) => void
  /** Enter on a cell. */
  readonly open: (site: Site) => void
  /** Shift with an arrow reached another cell. */
  readonly extend?: (reached: Site) => void
  /** It can hold many sites at once: then headers act too. */
  readonly many: boolean
  /** Where it takes the pointer itself, e.g. to paint. */
  readonly handlers?: Pick<
    DOMAttributes<HTMLElement>,
    'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel'
  >
}
