// @vitest-environment jsdom
import { QueryClient } from '@tanstack/react-query'
import { createBrowserHistory } from '@tanstack/react-router'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { modelsQuery, nextTokenQuery } from '@/api/queries'
import { nextTokenBodyOf } from '@/api/requests'
import type { InferResponse, ModelsResponse } from '@/api/types'
import { METHODS } from '@/lib/methods.fixture'
import { LINKS } from '@/lib/url'
import { createAddress } from './address'
import { WorkspaceStore } from './workspaceStore'

const model = (name: string, examples: object[] = []) => ({
  name,
  title: name,
  state: 'ready',
  n_layers: 12,
  n_heads: 12,
  examples,
})

const models = (rest: object = {}) =>
  ({
    models: [
      model('mini', [
        { id: 'drink', prompt: 'When Mary', title: 'Drink', explanation: '', ablations: [] },
        { id: 'other', prompt: 'When Mary', title: 'Other', explanation: '', ablations: [] },
      ]),
      model('gpt2', [{ id: 'paris', prompt: 'Paris is', title: 'Paris', explanation: '' }]),
    ],
    default: 'mini',
    preferred: 'gpt2',
    methods: METHODS,
    limits: {},
    ...rest,
  }) as unknown as ModelsResponse

let close = () => {}

function open(search = '') {
  history.replaceState(null, '', `/${search}`)
  const client = new QueryClient()
  const address = createAddress(createBrowserHistory(), LINKS, { delay: 0 })
  const store = new WorkspaceStore(client, address)
  const end = store.open()
  close = () => {
    end()
    address.close()
  }
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
  const list = (rest: object = {}) => client.setQueryData(modelsQuery().queryKey, models(rest))
  return { client, store, list, experiment: () => store.get().experiment }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  close()
  vi.useRealTimers()
})

const settle = () => vi.advanceTimersByTime(500)

test('typing while the models are unknown keeps the cuts of the link', () => {
  const { store, list, experiment } = open('?p=A&cut=L9H6z.L30H20z.M3d~1&set1.references=One')
  expect(experiment().cuts).toEqual([])
  store.update({ prompt: 'AB' }, { typing: true })
  settle()
  list()
  expect(experiment().prompt).toBe('AB')
  expect(experiment().cuts).toEqual([
    { layer: 3, head: null, method: 'dataset-mean', parameters: { references: ['One'] } },
    { layer: 9, head: 6, method: 'zero' },
  ])
  expect(store.get().hidden).toEqual([{ layer: 30, head: 20, method: 'zero' }])
})

test('a cut outside the model stays in the link through changes, until it is dropped', () => {
  const { store, list } = open('?p=A&cut=L30H20z')
  list()
  store.toggle({ layer: 1, head: 2 })
  settle()
  expect(location.search).toContain('cut=L1H2z.L30H20z')
  store.setCuts([])
  settle()
  expect(location.search).toContain('cut=L30H20z')
})

test('a model that becomes ready does not take the page over', () => {
  const { store, list, experiment } = open()
  list()
  expect(experiment()).toMatchObject({ model: 'mini', prompt: 'When Mary', example: 'drink' })
  list({ default: 'gpt2' })
  expect(experiment()).toMatchObject({ model: 'mini', prompt: 'When Mary' })
  store.chooseModel('gpt2')
  expect(experiment()).toMatchObject({ model: 'gpt2', prompt: 'Paris is', example: 'paris' })
})

test('examples that share a prompt are told apart', () => {
  const { store, list, experiment } = open()
  list()
  store.chooseExample(models().models[0]!.examples![1]!)
  expect(experiment().example).toBe('other')
  expect(location.search).toContain('ex=other')
})

test('undo and Back are one history: an example is a step, with the cut before it', async () => {
  vi.useRealTimers()
  const { store, list, experiment } = open('?p=Own+text&m=mini')
  list()
  store.toggle({ layer: 1, head: 2 })
  store.chooseExample(models().models[0]!.examples![0]!)
  expect(experiment()).toMatchObject({ prompt: 'When Mary', cuts: [] })
  const back = () =>
    new Promise<void>((resolve) => {
      window.addEventListener('popstate', () => resolve(), { once: true })
      store.undo()
    })
  await back()
  expect(experiment()).toMatchObject({
    prompt: 'Own text',
    cuts: [{ layer: 1, head: 2, method: 'zero' }],
  })
  await back()
  expect(experiment()).toMatchObject({ prompt: 'Own text', cuts: [] })
  expect(store.get().canUndo).toBe(false)
  expect(store.get().canRedo).toBe(true)
})

test('questions follow typed text after a pause, and clicks at once', () => {
  const { store, list } = open('?p=A')
  list()
  const asked = () => store.get().asked
  store.update({ prompt: 'AB' }, { typing: true })
  store.update({ prompt: 'ABC' }, { typing: true })
  expect([store.get().experiment.prompt, asked().prompt]).toEqual(['ABC', 'A'])
  settle()
  expect(asked().prompt).toBe('ABC')
  store.toggle({ layer: 0, head: 0 })
  expect(asked().cuts).toHaveLength(1)
})

test('what follows another cut is asked with the click, where the text has been answered before', () => {
  const { client, store, list, experiment } = open('?p=A')
  list()
  const key = () => nextTokenQuery(nextTokenBodyOf(experiment())).queryKey
  store.toggle({ layer: 1, head: 2 })
  expect(client.isFetching({ queryKey: key() })).toBe(0)
  client.setQueryData(key(), {} as InferResponse)
  store.toggle({ layer: 3, head: 4 })
  expect(client.isFetching({ queryKey: key() })).toBe(1)
  // Another text may be one that cannot be read.
  store.update({ prompt: 'B' })
  expect(client.isFetching({ queryKey: key() })).toBe(0)
})

test('top heads stand in place of the cut, or beside it where scores are given it', () => {
  const { store, list, experiment } = open('?p=A&cut=L0H0z')
  list()
  const ranking = [0, 1, 2, 3].map((head) => ({ layer: 0, head }))
  store.cutTop(ranking, 2)
  expect(experiment().cuts.map(({ head }) => head)).toEqual([0, 1])
  store.update({ given: true })
  store.cutTop(ranking, 2)
  expect(experiment().cuts.map(({ head }) => head)).toEqual([0, 1, 2, 3])
})

test('two workspaces stand side by side, each with its own experiment', () => {
  const { store, list } = open('?p=A')
  list()
  const other = {
    ...createAddress(createBrowserHistory(), LINKS, { delay: 0 }),
    get: () => ({ p: 'B', cut: 'L5H5z' }),
  }
  const client = new QueryClient()
  client.setQueryData(modelsQuery().queryKey, models())
  const second = new WorkspaceStore(client, other)
  expect(store.get().experiment.prompt).toBe('A')
  expect(second.get().experiment).toMatchObject({ prompt: 'B', cuts: [{ layer: 5, head: 5 }] })
})
