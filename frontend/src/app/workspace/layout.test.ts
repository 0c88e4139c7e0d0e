import { expect, test } from 'vitest'
import { choosePanel, readLayout, shownPanels, STANDARD } from './layout'

test('what was remembered is read; what cannot be read falls back', () => {
  const layout = { ...STANDARD, pair: false, heads: 41.5, beside: 'metrics' as const }
  expect(readLayout(JSON.stringify(layout))).toEqual(layout)
  expect(readLayout('{"heads": 4000, "beside": "nothing", "pair": 1}')).toEqual(STANDARD)
  expect(readLayout('no JSON')).toEqual(STANDARD)
  expect(readLayout(null)).toEqual(STANDARD)
})

test('a pair never shows one panel twice', () => {
  expect(shownPanels(STANDARD, 'attention', true)).toEqual(['changes', 'attention'])
  expect(shownPanels(STANDARD, 'changes', true)).toEqual(['changes', 'lens'])
  expect(shownPanels({ ...STANDARD, beside: 'lens' }, 'lens', true)).toEqual(['lens', 'changes'])
})

test('without room, or by choice, one panel is shown', () => {
  expect(shownPanels(STANDARD, 'lens', false)).toEqual(['lens'])
  expect(shownPanels({ ...STANDARD, pair: false }, 'code', true)).toEqual(['code'])
})

test('choosing what the other side shows lets them change places', () => {
  expect(choosePanel(['changes', 'lens'], 'left', 'lens')).toEqual({
    beside: 'lens',
    tab: 'changes',
  })
  expect(choosePanel(['changes', 'lens'], 'right', 'changes')).toEqual({
    beside: 'lens',
    tab: 'changes',
  })
  expect(choosePanel(['changes', 'lens'], 'right', 'code')).toEqual({
    beside: 'changes',
    tab: 'code',
  })
})
