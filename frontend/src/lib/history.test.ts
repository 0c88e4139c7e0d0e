import { expect, test } from 'vitest'
import { NO_HISTORY, record, redo, undo } from './history'

test('undo and redo walk the same way back and forth', () => {
  const history = record(record(NO_HISTORY, 'a'), 'b')
  const back = undo(history, 'c')
  expect(back?.present).toBe('b')
  const further = undo(back!.history, 'b')
  expect(further?.present).toBe('a')
  expect(undo(further!.history, 'a')).toBeNull()
  const forth = redo(further!.history, 'a')
  expect(forth?.present).toBe('b')
  expect(redo(forth!.history, 'b')?.present).toBe('c')
})

test('a new change forgets what was undone', () => {
  const back = undo(record(NO_HISTORY, 'a'), 'b')
  expect(redo(record(back!.history, 'a'), 'x')).toBeNull()
})
