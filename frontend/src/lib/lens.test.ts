import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
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

  test('without a cut', () => {
    expect(tell(lensOf(control, control))).toBe('The model puts “␣Mary” first from L1 on (90 %).')
  })

  test('when ablated never gets there', () => {
    const ablated: [number, number][] = [
      [the, 0.1],
      [the, 0.2],
      [the, 0.3],
      [john, 0.6],
    ]
    expect(tell(lensOf(control, ablated))).toBe(
      'Control puts “␣Mary” first from L1 on (90 %); ablated never does and settles on “␣John” ' +
        'only at the last layer, L2 (60 %). The first choices part at L1.',
    )
  })

  test('when ablated loses it again', () => {
    const ablated: [number, number][] = [
      [the, 0.1],
      [the, 0.2],
      [mary, 0.3],
      [john, 0.6],
    ]
    expect(tell(lensOf(control, ablated))).toContain(
      'ablated does so at L1, but settles on “␣John”',
    )
  })

  test('when ablated gets there later, or at the same layer less surely', () => {
    const later: [number, number][] = [
      [the, 0.1],
      [the, 0.2],
      [the, 0.3],
      [mary, 0.6],
    ]
    expect(tell(lensOf(control, later))).toContain('1 layer later (90 % → 60 %)')
    const weaker: [number, number][] = [
      [the, 0.1],
      [the, 0.2],
      [mary, 0.3],
      [mary, 0.6],
    ]
    expect(tell(lensOf(control, weaker))).toBe(
      'Both runs put “␣Mary” first from L1 on; the cut moves its final probability 90 % → 60 %. ' +
        'At no layer does the first choice differ.',
    )
  })
})

test('a text that goes on with nobody’s answer says where its token stands', () => {
  const layers: [number, number][] = [
    [the, 0.5],
    [mary, 0.9],
  ]
  expect(tell(lensOf(layers, layers, john))).toBe(
    'The model puts “␣Mary” first only at the last layer, L0 (90 %). ' +
      'The text goes on with “␣John”: rank 2.',
  )
})

test('a probability that rounds to the same is said once', () => {
  const story = tell(
    lensOf(
      [
        [the, 0.5],
        [mary, 0.99],
      ],
      [
        [the, 0.501],
        [mary, 0.991],
      ],
    ),
  )
  expect(story).toContain('leaves its final probability at 99 %')
})

test('layers are named in runs', () => {
  const layers = ['embed', 'L0', 'L1', 'L2', 'L3', 'L4']
  expect(layerRuns(layers, [0, 2, 3, 5])).toBe('embed, L1–L2 and L4')
  expect(layerRuns(layers, [4])).toBe('L3')
  expect(layerRuns(layers, [])).toBe('')
})
