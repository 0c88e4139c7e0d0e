// @vitest-environment jsdom
import { QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { nextTokenQuery, runStream } from '@/api/queries'
import { inferBodyOf, nextTokenBodyOf } from '@/api/requests'
import { streamKey } from '@/api/streamQuery'
import type { InferResponse, ModelInfo, SavedExperiment, SavedResult } from '@/api/types'
import { DEFAULT_EXPERIMENT, type Experiment } from '@/lib/experiment'
import { differenceLayer, rowsOf } from './comparison'
import { fileOf, readFile } from './file'
import { tellLimits } from './limits'
import { createEntries, isClass, MOST_ENTRIES, readEntries } from './keys'
import { answersShown, showSaved } from './results'
import { tellComputed, tellModel } from './since'

const experiment: Experiment = { ...DEFAULT_EXPERIMENT, model: 'mini', prompt: 'Once upon' }

const answer = (request: object, rest: object = {}): SavedResult => ({
  provenance: { analysis: 'infer', model: 'mini', revision: 'a1', request },
  ...rest,
})

const entry = (id: string) => ({
  id,
  key: 'k',
  title: id,
  saved: '2026-01-01T00:00:00Z',
  expires: '2027-01-01T00:00:00Z',
})

test('what was shown is saved, and opened it answers the same questions', () => {
  const run = answer({ prompt: 'Once upon', max_new_tokens: 20 })
  const next = answer({ prompt: 'Once upon', max_new_tokens: 0 })
  const keys = [
    streamKey(runStream(inferBodyOf(experiment))),
    nextTokenQuery(nextTokenBodyOf(experiment)).queryKey,
  ] as const
  const client = new QueryClient()
  client.setQueryData(keys[0], run)
  client.setQueryData(keys[1], next as unknown as InferResponse)
  const saved = answersShown(client, experiment)
  expect(saved).toEqual([run, next])

  const other = new QueryClient()
  showSaved(other, saved, experiment)
  expect(other.getQueryData(keys[0])).toBe(run)
  expect(other.getQueryData(keys[1])).toBe(next)
})

test('answers to an earlier prompt, kept on the screen meanwhile, are not saved', () => {
  const client = new QueryClient()
  const key = nextTokenQuery(nextTokenBodyOf(experiment)).queryKey
  client.setQueryData(key, answer({ prompt: 'Once' }) as unknown as InferResponse)
  expect(answersShown(client, experiment)).toEqual([])
})

test('whether the model is the one that answered', () => {
  const now = (revision: string | null) => [{ name: 'mini', revision }] as unknown as ModelInfo[]
  const results = [answer({})]
  expect(tellModel(results, now('a1'))).toEqual({
    changed: false,
    sentence: 'mini is the same as then.',
  })
  expect(tellModel(results, now('b2')).changed).toBe(true)
  expect(tellModel(results, now(null)).sentence).toContain('known once it is loaded')
  expect(tellModel(results, []).sentence).toContain('not offered here any more')
})

test('what came out when the same was asked again', () => {
  const run = (kl: number, text = 'a') =>
    ({ metrics: { kl }, control: { text }, ablated: { text } }) as unknown as InferResponse
  expect(tellComputed(run(1), run(1.0005))).toContain('the same texts and numbers')
  expect(tellComputed(run(1), run(1.1))).toContain('mean KL 1.00 then and 1.10 now')
  expect(tellComputed(run(1), run(1, 'b'))).toContain('other texts')
  expect(tellComputed(run(1), null)).toBe('It is computed again.')
})

test('a file holds experiments whole, or says why not', () => {
  const saved = { title: 't', note: 'n', link: '?p=x', results: [answer({})] }
  const file = fileOf([{ ...saved, id: 'i', saved: '', expires: '' } as SavedExperiment])
  expect(readFile(file)).toEqual([saved])
  expect(() => readFile('{}')).toThrow('This is no file of saved experiments')
  expect(() => readFile(file.replace('"title"', '"titel"'))).toThrow('1 of 1 experiments')
})

test('the list in the browser survives what else may stand there', () => {
  const stored = JSON.stringify([entry('a'), { id: 'b' }, 7, entry('a')])
  expect(readEntries(stored).map(({ id }) => id)).toEqual(['a'])
  expect(readEntries('{')).toEqual([])
  const many = Array.from({ length: MOST_ENTRIES + 5 }, (_, index) => entry(`e${index}`))
  expect(readEntries(JSON.stringify(many))).toHaveLength(MOST_ENTRIES)
})

test('the list tells classes and answers to them from other experiments', () => {
  const stored = [{ ...entry('c'), classroom: 'c' }, { ...entry('a'), classroom: 'c' }, entry('e')]
  const read = readEntries(JSON.stringify(stored))
  expect(read).toEqual(stored)
  expect(read.map(isClass)).toEqual([true, false, false])
})

test('what another tab has saved meanwhile stays in the list', () => {
  localStorage.clear()
  const [one, two] = [createEntries(window), createEntries(window)]
  one.add(entry('a'))
  two.add(entry('b'))
  one.remove('a')
  expect(one.get().map(({ id }) => id)).toEqual(['b'])
})

const table = (values: (number | null)[][], unit = 'nats') => ({
  method: 'l2' as const,
  metric: null,
  unit,
  given: 0,
  values,
})

test('scores are subtracted head by head where both are of one kind and shape', () => {
  const layer = differenceLayer(table([[1, 2, null]]), table([[1.5, 1, 3]]))
  expect(layer?.values).toEqual([[0.5, -1, null]])
  expect(differenceLayer(table([[1]]), table([[1]], 'units'))).toBeNull()
  expect(differenceLayer(table([[1]]), table([[1, 2]]))).toBeNull()
})

test('each measure stands beside its difference to the first', () => {
  const run = (kl: number, changed: number) =>
    ({
      metrics: {
        kl,
        perplexity_control: 2 + kl * 1e-8,
        perplexity_ablated: 3,
        top1_changed: changed,
      },
      next_token: { kl, candidates: [] },
    }) as unknown as InferResponse
  const row = (name: string) =>
    rowsOf([run(1, 0.5), run(1.5, 0.25), null]).find((each) => each.name === name)?.cells
  expect(row('KL, mean, nats')).toEqual([
    { text: '1.00', difference: null },
    { text: '1.50', difference: '+0.500' },
    { text: '–', difference: null },
  ])
  expect(row('Perplexity, control')?.[1]).toEqual({ text: '2.00', difference: 'same' })
  expect(row('Top-1 changed')?.[1]).toEqual({ text: '25 %', difference: '−25.0 points' })
})

test('the limits are said as the server has them', () => {
  const saving = {
    offered: true,
    days: 1,
    max_bytes: 1024 ** 2,
    client_experiments: 500,
    client_bytes: 1.5 * 1024 ** 3,
    classes: false,
    class_days: 30,
    class_answers: 200,
  }
  expect(tellLimits(saving)).toBe(
    'Each is kept for 1 day and then deleted; it has at most 1 MiB with its results. ' +
      'From one address the server keeps at most 500 experiments of 1.5 GiB together.',
  )
})
