import { expect, test } from 'vitest'
import {
  changed,
  fieldsOf,
  parseParameters,
  read,
  written,
  type ParameterField,
} from './taskParameters'

const fields = fieldsOf({
  order: { type: 'string', enum: ['mixed', 'abba'], default: 'mixed' },
  length: { type: 'integer', minimum: 4, maximum: 100, default: 12 },
  names: { type: 'array', default: [] },
  words: { type: 'object', default: { animal: ['cat', 'dog'], 'place.a': ['park'] } },
  answer: { type: 'string', default: ' {animal}' },
  foil: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
})

const field = (name: string): ParameterField => {
  const found = fields.find((each) => each.name === name)
  if (!found) throw new Error(name)
  return found
}

test('every default comes back from what stands in its field', () => {
  for (const each of fields) expect(read(each, written(each))).toEqual(each.standard)
})

test('words stand between commas, lists one a line, and the space of a token stays', () => {
  expect(read(field('names'), 'Anna,  Bob ,')).toEqual(['Anna', 'Bob'])
  expect(read(field('words'), 'animal: cat,dog\n\ncolour: red')).toEqual({
    animal: ['cat', 'dog'],
    colour: ['red'],
  })
  expect(read(field('answer'), ' {animal.b}')).toBe(' {animal.b}')
  expect(written(field('words'))).toBe('animal: cat, dog\nplace.a: park')
})

test('what has its default is not asked for', () => {
  const parameters = changed({}, field('order'), 'abba')
  expect(parameters).toEqual({ order: 'abba' })
  expect(changed(parameters, field('order'), 'mixed')).toEqual({})
})

test('a link’s parameters are an object, or none', () => {
  expect(parseParameters('{"order":"abba"}')).toEqual({ order: 'abba' })
  for (const text of [undefined, '', '[1]', '{', '3']) expect(parseParameters(text)).toEqual({})
})
