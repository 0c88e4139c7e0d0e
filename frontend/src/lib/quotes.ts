/** The parts of a told sentence: plain words and “quoted tokens”. */

export type Piece = { readonly text: string; readonly quoted: boolean }

export const quotedPieces = (sentence: string): Piece[] =>
  sentence
    .split(/(“[^”]*”)/)
    .filter((text) => text !== '')
    .map((text) =>
      /^“[^”]*”$/.test(text) ? { text: text.slice(1, -1), quoted: true } : { text, quoted: false },
    )

/** A number and its per cent sign stay on one line. */
export const unbroken = (text: string): string => text.replaceAll(' %', '\u00a0%')
