import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cutReadouts,
  positionOf,
  predictedBy,
  seriesOf,
  settledFrom,
  storyOf,
  windowOf,
  type Lens,
} from './lens'
import { layerRuns, tellStory } from './lensStory'

const [the, mary, john] = [0, 1, 2]

/** One column; each layer's first choice and its probability, the rest goes to the others. */
function lensOf(control: [number, number][], ablated: [number, number][], target = mary): Lens {
  const run = (layers: [number, number][]) => ({
    top_ids: layers.map(([id]) => [[id]]),
    top_probs: layers.map(([, p]) => [[p]]),
    target_prob: layers.map(([id, p]) => [id === target ? p : (1 - p) / 2]),
    target_rank: layers.map(([id]) => [id === target ? 0 : 1]),
    entropy: layers.map(([, p]) => [1 - p]),
    kl_to_final: layers.map(() => [0]),
    tracked_probs: layers.map(([id, p]) => [[mary, john].map((t) => (t === id ? p : (1 - p) / 2))]),
  })
  return {
    positions: [13],
    layers: ['embed', ...Array.from({ length: control.length - 1 }, (_, l) => `L${l}`)],
    targets: [target],
    tracked: [[mary, john]],
    control: run(control),
    ablated: run(ablated),
    token_texts: { [the]: ' the', [mary]: ' Mary', [john]: ' John' },
  }
}

const tell = (lens: Lens) => tellStory(lens, storyOf(lens, 0))

test('a token belongs to the position that predicts it, and back', () => {
  expect(positionOf(null, 5, 9)).toBe(4)
  expect(positionOf({ stream: 'control', index: 0 }, 5, 9)).toBe(4)
  expect(positionOf({ stream: 'prompt', index: 3 }, 5, 9)).toBe(2)
  expect(positionOf({ stream: 'prompt', index: 0 }, 5, 9)).toBe(0)
  expect(predictedBy(4, 5, 'ablated')).toEqual({ stream: 'ablated', index: 0 })
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 99 }),
      fc.integer({ min: 1, max: 50 }),
      (position, prompt) => {
        expect(positionOf(predictedBy(position, prompt, 'control'), prompt, 100)).toBe(position)
      },
    ),
  )
})

test('a token the text no longer has falls back into the text', () => {
  expect(positionOf({ stream: 'control', index: 40 }, 5, 9)).toBe(8)
  expect(positionOf(null, 0, 0)).toBe(0)
})

test('the window holds the chosen position and stays while one moves inside it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(), (length, n) => {
      const chosen = n % length
      const positions = windowOf(chosen, length)
      expect(positions).toContain(chosen)
      expect(positions.length).toBeLessThanOrEqual(48)
      expect(positions.at(-1)).toBeLessThan(length)
      expect(windowOf(positions[0]!, length)).toEqual(positions)
    }),
  )
})

test('a run settles where its final choice stays first', () => {
  expect(settledFrom([the, mary, the, mary, mary])).toBe(3)
  expect(settledFrom([mary, mary])).toBe(0)
  expect(settledFrom([the, mary])).toBe(1)
})

test('series begin with the answers of control and ablated, then follow probability', () => {
  const lens = lensOf(
    [
      [the, 0.2],
      [mary, 0.9],
    ],
    [
      [the, 0.2],
      [john, 0.6],
    ],
    the,
  )
  const series = seriesOf(lens, 0)
  expect(series.map(({ text, answerOf }) => [text, answerOf])).toEqual([
    [' Mary', 'control'],
    [' John', 'ablated'],
    [' the', null],
  ])
  expect(series[2]).toMatchObject({ isTarget: true, control: [0.2, expect.closeTo(0.05)] })
})

describe('the story names the layers', () => {
  const control: [number, number][] = [
    [the, 0.1],
    [the, 0.2],
    [mary, 0.5],
    [mary, 0.9],
  ]

  test('without a cut: from which layer the answer leads, how surely there and at the end', () => {
    expect(tell(lensOf(control, control))).toBe(
      '“␣Mary” leads from L1 on (50 % there, 90 % at the end).',
    )
  })

  test('answers part for good where they differ to the end, not where they first differed', () => {
    const ablated: [number, number][] = [
      [john, 0.1],
      [the, 0.2],
      [mary, 0.3],
      [john, 0.6],
    ]
    const lens = lensOf(control, ablated)
    expect(storyOf(lens, 0)).toMatchObject({ partsAt: 3, differsAt: [0] })
    expect(tell(lens)).toBe(
      'Control: “␣Mary” leads from L1 on (50 % there, 90 % at the end). ' +
        'Ablated: “␣John” leads only at the last layer, L2 (60 %). They part for good at L2.',
    )
  })

  test('answers that agree at the end have not parted, whatever the way', () => {
    const later: [number, number][] = [
      [the, 0.1],
      [the, 0.2],
      [the, 0.3],
      [mary, 0.6],
    ]
    const lens = lensOf(control, later)
    expect(storyOf(lens, 0)).toMatchObject({ partsAt: null, differsAt: [2] })
    expect(tell(lens)).toContain('They end alike; on the way they differ at L1.')
    const weaker: [number, number][] = [
      [the, 0.1],
      [the, 0.2],
      [mary, 0.3],
      [mary, 0.6],
    ]
    expect(tell(lensOf(control, weaker))).toContain('At no layer do their first choices differ.')
  })
})

test('a text that goes on with nobody’s answer says where its token stands', () => {
  const layers: [number, number][] = [
    [the, 0.5],
    [mary, 0.9],
  ]
  expect(tell(lensOf(layers, layers, john))).toBe(
    '“␣Mary” leads only at the last layer, L0 (90 %). ' + 'The text goes on with “␣John”: rank 2.',
  )
})

test('layers are named in runs', () => {
  const layers = ['embed', 'L0', 'L1', 'L2', 'L3', 'L4']
  expect(layerRuns(layers, [0, 2, 3, 5])).toBe('embed, L1–L2 and L4')
  expect(layerRuns(layers, [4])).toBe('L3')
  expect(layerRuns(layers, [])).toBe('')
})

test('a cut in the first layer marks the readout after it, not the embedding', () => {
  expect(cutReadouts([{ layer: 0 }, { layer: 0 }, { layer: 11 }])).toEqual([1, 12])
})
