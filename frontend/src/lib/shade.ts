/** Colours as mixtures of the theme's variables, so that light and dark need no JavaScript. */

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))

const percent = (fraction: number) => `${Math.round(fraction * 1000) / 10}%`

const mix = (from: string, to: string, fraction: number) =>
  `color-mix(in oklab, var(${from}), var(${to}) ${percent(fraction)})`

/** 0 is nothing, 1 the most there is. */
export const sequential = (fraction: number): string =>
  mix('--seq-lo', '--seq-hi', clamp(fraction, 0, 1))

/** −1 to 1; zero is the neutral middle. */
export const diverging = (fraction: number): string =>
  fraction < 0
    ? mix('--div-mid', '--div-neg', clamp(-fraction, 0, 1))
    : mix('--div-mid', '--div-pos', clamp(fraction, 0, 1))

/** How far a token's distribution moved, behind text. */
export const shift = (fraction: number): string =>
  mix('--shift-lo', '--shift-hi', clamp(fraction, 0, 1))

/** KL has no upper end: 0 → 0, 0.5 nats → 0.5, and ever closer to 1. */
export const klFraction = (kl: number): number => 1 - 2 ** (-2 * Math.max(0, kl))
