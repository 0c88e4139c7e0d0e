import { expect, test } from 'vitest'
import { onDiverging, onSequential } from './color'
import type { Lens, LensRun } from './lens'
import { cellOf, readCell } from './lensCells'

const run = (id: number, prob: number, target: number): LensRun => ({
  top_ids: [[[id, 2]]],
  top_probs: [[[prob, 0.05]]],
  target_prob: [[target]],
  target_rank: [[0]],
  entropy: [[0]],
  kl_to_final: [[0]],
  tracked_probs: [[[]]],
})

const lens = (ablated: LensRun): Lens => ({
  positions: [0],
  layers: ['embed'],
  targets: [0],
  tracked: [[]],
  control: run(0, 0.75, 0.75),
  ablated,
  token_texts: { 0: ' Mary', 1: ' John', 2: ' the' },
})

test('a cell of one run is its first choice, shaded by probability', () => {
  const cell = cellOf(lens(run(1, 0.6, 0.25)), 'ablated', 0, 0)
  expect(cell).toEqual({
    text: '␣John',
    shade: onSequential(0.6),
    differs: true,
    label: '␣John, 60 %',
  })
})

test('a cell of the difference is tinted by how the next token’s probability moved', () => {
  expect(cellOf(lens(run(1, 0.6, 0.25)), 'difference', 0, 0)).toEqual({
    text: '␣John',
    shade: onDiverging(-1),
    differs: true,
    label: 'first choice ␣Mary becomes ␣John, down 50 %',
  })
  expect(cellOf(lens(run(0, 0.75, 0.75)), 'difference', 0, 0)).toEqual({
    text: '·',
    shade: onDiverging(0),
    differs: false,
    label: 'same first choice, up 0 %',
  })
})

test('a cell reads with the likeliest tokens of both runs', () => {
  expect(readCell(lens(run(1, 0.6, 0.25)), 0, 0)).toBe(
    'control ␣Mary 75 %, ␣the 5.0 %; ablated ␣John 60 %, ␣the 5.0 %.',
  )
  expect(readCell(lens(run(0, 0.75, 0.75)), 0, 0, 1)).toBe('␣Mary 75 % in both runs.')
})
