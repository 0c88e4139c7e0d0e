/** What the three measures of a circuit are called, and what each asks. */
export const MEASURES = {
  faithfulness: {
    term: 'faithfulness',
    title: 'Faithfulness',
    question: 'Are they enough?',
    waiting: 'Faithfulness is being measured',
  },
  completeness: {
    term: 'completeness',
    title: 'Completeness',
    question: 'Is anything missing?',
    waiting: 'Completeness is being measured',
  },
  minimality: {
    term: 'minimality',
    title: 'Minimality',
    question: 'Is each needed?',
    waiting: 'Minimality is being measured',
  },
} as const
