import { expect, test } from 'vitest'
import { corruptionsOf } from './corrupt'

const clean = 'When Mary and John went to the store, John gave a drink to'
const of = (text: string, id: string) => corruptionsOf(text).find((made) => made.id === id)

test('two names change places everywhere, or in the last mention alone', () => {
  expect(of(clean, 'swap')?.texts).toEqual([
    'When John and Mary went to the store, Mary gave a drink to',
  ])
  expect(of(clean, 'giver')?.texts).toEqual([
    'When Mary and John went to the store, Mary gave a drink to',
  ])
})

test('another name is one that was not met, and of the other gender where it stands alone', () => {
  const texts = of(clean, 'name')?.texts ?? []
  expect(texts[0]).toBe('When Mary and John went to the store, Tom gave a drink to')
  expect(texts).not.toContain(clean)
  expect(of('Alice was hungry, so', 'name')?.texts[0]).toBe('John was hungry, so')
})

test('a place is replaced by others of its kind', () => {
  expect(of('The Eiffel Tower is located in', 'place')?.texts[0]).toBe(
    'The Colosseum is located in',
  )
  expect(of('The capital of France is', 'place')?.texts[0]).toBe('The capital of Italy is')
})

test('a year becomes the first of its century', () => {
  expect(of('The war lasted from the year 1732 to the year 17', 'year')?.texts).toEqual([
    'The war lasted from the year 1701 to the year 17',
  ])
  expect(of('It was 1701', 'year')).toBeUndefined()
})

test('a text without names, places and years allows nothing; parts of words are no names', () => {
  expect(corruptionsOf('It was the best of times, it was the worst of')).toEqual([])
  expect(corruptionsOf('Johnson and Maryland')).toEqual([])
  expect(of('Mary, John and Tom met', 'swap')).toBeUndefined()
})
