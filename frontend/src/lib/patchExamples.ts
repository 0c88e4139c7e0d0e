/** Pairs of prompts that show one thing each, for the models they were chosen on. */

import type { Patch } from './patch'

export type PatchExample = {
  readonly title: string
  /** What it shows. */
  readonly note: string
  readonly patch: Partial<Patch> & Pick<Patch, 'prompt' | 'corrupt'>
}

const STORE = 'When Mary and John went to the store, John gave a drink to'
const STORE_SWAPPED = 'When John and Mary went to the store, Mary gave a drink to'
const STORE_GIVER = 'When Mary and John went to the store, Mary gave a drink to'
const NAMES = { answer: ' Mary', foil: ' John' } as const

const EXAMPLES: Readonly<Record<string, readonly PatchExample[]>> = {
  'gpt2-mini-12x12': [
    {
      title: 'Who gets the drink?',
      note: 'Both names change places. Patched head by head under z, the name movers L6H5, L6H6 and L5H9 bring Mary back.',
      patch: { prompt: STORE, corrupt: STORE_SWAPPED, ...NAMES },
    },
    {
      title: 'Where the difference travels',
      note: 'The running sum, layer by layer: the difference sits on the names and moves to the last token in the middle of the model.',
      patch: { prompt: STORE, corrupt: STORE_SWAPPED, ...NAMES, component: 'resid_pre' },
    },
    {
      title: 'What feeds a name mover',
      note: 'L6H6 learns the names from heads of the first layer, by its values: see the paths to its v.',
      patch: {
        prompt: STORE,
        corrupt: STORE_SWAPPED,
        ...NAMES,
        tab: 'paths',
        focus: { layer: 6, head: 6 },
        input: 'v',
      },
    },
    {
      title: 'The sum that is the answer',
      note: 'Direct attribution of the clean run: which layers and heads write Mary, and which write John.',
      patch: { prompt: STORE, corrupt: STORE_SWAPPED, ...NAMES, tab: 'attribution' },
    },
    {
      title: 'Paris or Rome?',
      note: 'Another landmark of as many tokens. L11H11 and L10H1 move what is known of it to the end.',
      patch: {
        prompt: 'The Eiffel Tower is located in',
        corrupt: 'The Colosseum is located in',
        answer: ' Paris',
        foil: ' Rome',
      },
    },
    {
      title: 'She or he',
      note: 'Tom in place of Alice. L9H10 and L7H1 carry who it is from the name to the end of the sentence.',
      patch: {
        prompt: 'Alice was hungry, so',
        corrupt: 'Tom was hungry, so',
        answer: ' she',
        foil: ' he',
      },
    },
  ],
  gpt2: [
    {
      title: 'Name movers',
      note: 'Only the giver differs. Under z, heads 9.9, 9.6 and 10.0 restore the answer, 10.7 and 11.10 work against it (Wang et al. 2022).',
      patch: { prompt: STORE, corrupt: STORE_GIVER, ...NAMES },
    },
    {
      title: 'Where they look',
      note: 'The same by pattern alone: name movers copy whom they look at, and where they look is what differs.',
      patch: { prompt: STORE, corrupt: STORE_GIVER, ...NAMES, component: 'pattern' },
    },
    {
      title: 'S-inhibition feeds the name movers',
      note: 'Paths to the queries of 9.9: heads 7.3, 7.9, 8.6 and 8.10 tell it which name to avoid (Wang et al. 2022).',
      patch: {
        prompt: STORE,
        corrupt: STORE_GIVER,
        ...NAMES,
        tab: 'paths',
        focus: { layer: 9, head: 9 },
        input: 'q',
      },
    },
    {
      title: 'Greater than',
      note: 'The war begins in 1701 instead of 1732: heads of layers 5 to 9 carry when it began (Hanna et al. 2023).',
      patch: {
        prompt: 'The war lasted from the year 1732 to the year 17',
        corrupt: 'The war lasted from the year 1701 to the year 17',
        answer: '33',
        foil: '02',
      },
    },
  ],
}

/** The GPT-2 family shares one tokenizer and most habits. */
export const patchExamplesOf = (model: string | null): readonly PatchExample[] =>
  model === null ? [] : (EXAMPLES[model] ?? EXAMPLES['gpt2'] ?? [])
