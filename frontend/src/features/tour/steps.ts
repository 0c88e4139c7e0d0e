/** What each step points at, as src/app marks it with `data-tour`. */
export type Target = 'prompt' | 'grid' | 'changes' | 'lens'

export type Step = {
  readonly target: Target
  /** Where the card stands beside its target, where there is room. */
  readonly side: 'bottom' | 'right' | 'left'
  readonly title: string
  readonly text: string
}

export const STEPS: readonly Step[] = [
  {
    target: 'prompt',
    side: 'bottom',
    title: 'A text to continue',
    text: 'The model has read this text and gone on by itself. Choose another example, or write your own.',
  },
  {
    target: 'grid',
    side: 'right',
    title: 'Cut a head',
    text: 'Each cell is one attention head. A click switches it off, another brings it back.',
  },
  {
    target: 'changes',
    side: 'left',
    title: 'See what changed',
    text: 'Blue is the intact model, red the one with the cut. Bars and result follow every click; Run inference writes both texts anew.',
  },
  {
    target: 'lens',
    side: 'left',
    title: 'Find the layer that changed its mind',
    text: 'Click any word of the texts: the lens shows what the model would have said after every layer, intact and cut.',
  },
]
