import { expect, test } from 'vitest'
import { quotedPieces } from './quotes'

test('quoted tokens are told from words', () => {
  expect(quotedPieces('Control puts “␣Mary” first; ablated “␣John”.')).toEqual([
    { text: 'Control puts ', quoted: false },
    { text: '␣Mary', quoted: true },
    { text: ' first; ablated ', quoted: false },
    { text: '␣John', quoted: true },
    { text: '.', quoted: false },
  ])
})

test('a sentence without quotes, and a lone quote, stay as they are', () => {
  expect(quotedPieces('Nothing.')).toEqual([{ text: 'Nothing.', quoted: false }])
  expect(quotedPieces('a “ b')).toEqual([{ text: 'a “ b', quoted: false }])
})
