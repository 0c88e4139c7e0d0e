import type { AnyRoute } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { circuitView } from './circuit'
import { evidenceView } from './evidence'
import { patchView } from './patch'
import { promptView } from './prompt'
import { savedView } from './saved'

export type ViewEntry = {
  /** In the header's menu. */
  readonly label: string
  /** The question it answers. */
  readonly title: string
  /** Where who works by keyboard wants to be: a grid's cell, or the view itself. */
  readonly skipTo: string
  /**
   * Its path, its typed search parameters and the component under the header, loaded when it is
   * first shown. Beside a wide window's header it has the height that is left, and scrolls inside.
   */
  readonly route: AnyRoute
  /** In the header: the model, and what takes the result along. */
  readonly Bar: ComponentType
}

/** All views, in the menu's order; a new one is one entry and its modules beside this. */
export const VIEWS = [
  promptView,
  patchView,
  evidenceView,
  circuitView,
  savedView,
] as const satisfies readonly ViewEntry[]
