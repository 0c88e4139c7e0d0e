import { expect, test } from 'vitest'
import { headName, parseHead, sameHead } from './heads'

test('a head name reads back as the head', () => {
  expect(headName({ layer: 9, head: 6 })).toBe('L9H6')
  expect(parseHead('L9H6')).toEqual({ layer: 9, head: 6 })
})

test.each(['', 'L9', 'H6', 'l9h6', 'L9H6z', 'L-1H2', ' L1H2'])('%j names no head', (name) => {
  expect(parseHead(name)).toBeNull()
})

test('no head equals only no head', () => {
  expect(sameHead(null, null)).toBe(true)
  expect(sameHead(null, { layer: 0, head: 0 })).toBe(false)
})
