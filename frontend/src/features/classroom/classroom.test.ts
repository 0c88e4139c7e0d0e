import { expect, test } from 'vitest'
import type { ClassAnswer, ClassAnswers } from '@/api/types'
import { METHODS } from '@/lib/methods.fixture'
import { answersCsv, answersOf, lineOf, togetherLayer } from './answers'

const said = {
  control: { text: ' Mary', logprob: Math.log(0.5) },
  ablated: { text: ' John', logprob: Math.log(0.25) },
  kl: 0.7,
  top1_changed: true,
}

const given = (cuts: string, rest: Partial<ClassAnswer> = {}): ClassAnswer => ({
  id: cuts,
  name: 'Ada',
  sentence: 'It is L9H6.',
  cuts,
  said,
  saved: '2026-01-01T00:00:00Z',
  ...rest,
})

const read = (...answers: ClassAnswer[]) => answersOf({ answers } as ClassAnswers, METHODS)

test('all answers together count for each head and MLP how many cut it', () => {
  const answers = read(given('?cut=L0H1z.L1H0m*0.5'), given('?cut=L0H1z.M1z'), given('?tab=lens'))
  const { values, mlps, unit } = togetherLayer(answers, { nLayers: 2, nHeads: 2 })
  expect(values).toEqual([
    [0, 2],
    [1, 0],
  ])
  expect(mlps).toEqual([0, 1])
  expect(unit).toBe('of 3 answers')
})

test('what another model’s size cannot hold still has its place', () => {
  const { values } = togetherLayer(read(given('?cut=L3H5z')), { nLayers: 2, nHeads: 2 })
  expect(values.map((row) => row.length)).toEqual([6, 6, 6, 6])
  expect(values[3]?.[5]).toBe(1)
})

test('a line says what both runs say, and nothing of a cut where there is none', () => {
  const [cut, intact, silent] = read(
    given('?cut=L0H1z'),
    given('?'),
    given('?cut=L0H1z', { said: null }),
  )
  expect(lineOf(cut!)).toEqual({
    intact: { text: ' Mary', probability: '50 %' },
    cut: { text: ' John', probability: '25 %' },
    facts: ['KL 0.700 nats'],
  })
  expect(lineOf(intact!)?.cut).toBeNull()
  expect(lineOf(silent!)).toBeNull()
})

test('no cell of the table is a formula, whatever was handed in', () => {
  const csv = answersCsv(
    read(
      given('?cut=L0H1z', { name: '=HYPERLINK("http://a")', sentence: '@x,\n+1' }),
      given('?', { said: { ...said, control: { text: '-1', logprob: 0 } } }),
    ),
  )
  const [header, first] = csv.split('\r\n')
  expect(header).toMatch(/^name,sentence,handed_in,cuts,/)
  expect(first).toBe(
    `"'=HYPERLINK(""http://a"")","'@x,\n+1",2026-01-01T00:00:00Z,L0H1 zero,' Mary,0.5,' John,0.25,0.7,true`,
  )
  expect(csv).toContain(",'-1,1,")
})
