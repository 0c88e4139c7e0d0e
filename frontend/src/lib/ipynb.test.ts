import { expect, test } from 'vitest'
import { ipynbOf } from './ipynb'

const script = `"""Score every head.

In plain TransformerLens.
"""

import torch

PROMPT = "one\\n\\n\\ntwo"


def read(text):
    """The tokens."""
    return text


print(read(PROMPT))
`

type Notebook = {
  nbformat: number
  nbformat_minor: number
  cells: { cell_type: string; id: string; source: string[] }[]
}

test('a notebook’s code cells are the script, part by part', () => {
  const { cells, nbformat, nbformat_minor } = JSON.parse(ipynbOf(script)) as Notebook
  expect([nbformat, nbformat_minor]).toEqual([4, 5])
  expect(cells.map(({ cell_type }) => cell_type)).toEqual(['markdown', 'code', 'code', 'code'])
  expect(cells[0]?.source.join('')).toBe('# Score every head.\n  \nIn plain TransformerLens.')
  const code = cells.slice(1).map(({ source }) => source.join(''))
  expect(`${code.join('\n\n\n')}\n`).toBe(script.slice(script.indexOf('import')))
  expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length)
})

test('every line of a cell keeps its end, but the last', () => {
  const { cells } = JSON.parse(ipynbOf('a = 1\nb = 2\n')) as Notebook
  expect(cells.map(({ source }) => source)).toEqual([['a = 1\n', 'b = 2']])
})
