/** Pairs of prompts that show one thing each, for the models they were chosen on. */

import type { Patch } from './patch'

export type PatchExample = {
  readonly title: string
  /** What it shows. */
  readonly note: string
  readonly patch: Partial<Patch> & Pick<Patch, 'prompt' | 'corrupt'>
}

const STORE = 'When Mary and John went to the store, John gave a drink to'

const EXAMPLES: Readonly<Record<string, readonly PatchExample[]>> = {
  'gpt2-mini-12x12': [
    {
      title: 'Who gets the drink?',
      note: 'Both names change places. Restored head by head under z, the name movers bring Mary back.',
      patch: {
        prompt: STORE,
        corrupt: 'When John and Mary went to the store, Mary gave a drink to',
        answer: ' Mary',
        foil: ' John',
      },
    },
  ],
  gpt2: [
    {
      title: 'Who gets the drink?',
      note: 'Only the giver differs. Under z the name movers of Wang et al. restore the answer, 10.7 works against it.',
      patch: {
        prompt: STORE,
        corrupt: 'When Mary and John went to the store, Mary gave a drink to',
        answer: ' Mary',
        foil: ' John',
      },
    },
  ],
}

/** The GPT-2 family shares one tokenizer and most habits. */
export const patchExamplesOf = (model: string | null): readonly PatchExample[] =>
  model === null ? [] : (EXAMPLES[model] ?? EXAMPLES['gpt2'] ?? [])
