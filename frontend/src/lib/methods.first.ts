import type { Methods } from './methods'

/** The methods of servers that do not list theirs. */
export const FIRST_METHODS: Methods = [
  {
    name: 'zero',
    letter: 'z',
    title: 'Zero',
    meaning: 'The head writes nothing.',
    on_heads: true,
    on_mlps: false,
    parameters: [],
  },
  {
    name: 'mean',
    letter: 'm',
    title: 'Mean pattern',
    meaning: 'The head attends uniformly to every token its query may see.',
    on_heads: true,
    on_mlps: false,
    parameters: [],
  },
  {
    name: 'previous',
    letter: 'p',
    title: 'Pattern from below',
    meaning: 'The head uses the pattern of the same head one layer below.',
    on_heads: true,
    on_mlps: false,
    parameters: [],
  },
]
