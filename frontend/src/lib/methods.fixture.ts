import type { Methods } from './methods'

/** What a server of today says of its methods, for tests. */
export const METHODS: Methods = [
  {
    name: 'zero',
    letter: 'z',
    title: 'Zero',
    meaning: 'The head writes nothing.',
    on_heads: true,
    on_mlps: true,
    stands_in: true,
    parameters: [
      {
        name: 'value_bias',
        title: 'Value bias',
        meaning: 'What becomes of the bias of the values.',
        kind: 'choice',
        choices: ['remove', 'keep'],
        default: 'remove',
      },
    ],
  },
  {
    name: 'mean',
    letter: 'm',
    title: 'Mean pattern',
    meaning: 'The head attends uniformly to every token its query may see.',
    on_heads: true,
    on_mlps: false,
    stands_in: true,
    parameters: [],
  },
  {
    name: 'previous',
    letter: 'p',
    title: 'Pattern from below',
    meaning: 'The head uses the pattern of the same head one layer below.',
    on_heads: true,
    on_mlps: false,
    stands_in: false,
    parameters: [],
  },
  {
    name: 'dataset-mean',
    letter: 'd',
    title: 'Mean over prompts',
    meaning: 'The head, or the MLP, writes its mean over reference prompts.',
    on_heads: true,
    on_mlps: true,
    stands_in: true,
    parameters: [
      {
        name: 'references',
        title: 'Reference prompts',
        meaning: 'The mean is over what this site does on these prompts.',
        kind: 'prompts',
        choices: null,
        default: null,
      },
    ],
  },
  {
    name: 'resample',
    letter: 'r',
    title: 'From another prompt',
    meaning: 'The head, or the MLP, writes what it writes in another prompt.',
    on_heads: true,
    on_mlps: true,
    stands_in: true,
    parameters: [
      {
        name: 'source',
        title: 'Source prompt',
        meaning: 'A prompt of the same number of tokens.',
        kind: 'prompt',
        choices: null,
        default: null,
      },
    ],
  },
]
