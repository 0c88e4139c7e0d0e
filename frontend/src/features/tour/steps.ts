/** Ids of the page's regions that the tour points at; src/app gives them to its sections. */
export type Region = 'prompt-region' | 'grid-region' | 'change-region' | 'lens-region'

export const STEPS: readonly { region: Region; title: string; text: string }[] = [
  {
    region: 'prompt-region',
    title: 'A text to continue',
    text: 'The model has read this prompt and gone on by itself. Pick another example or write your own, then run inference.',
  },
  {
    region: 'grid-region',
    title: 'Cut a head',
    text: 'Each cell is one attention head. Click one and it is switched off. No idea which? “Ablate Top-5 Heads” picks those that matter most here.',
  },
  {
    region: 'change-region',
    title: 'See what changed',
    text: 'Blue is the intact model, red the one you cut. The next-token bars follow every click; Run inference writes both texts and marks where they part.',
  },
  {
    region: 'lens-region',
    title: 'Find the layer that changed its mind',
    text: 'Click any token: the lens shows what the model would have said after every layer, intact and cut.',
  },
]
