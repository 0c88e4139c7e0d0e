import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { expectNoSidewaysScroll, launch, settled, texts, visit } from './browser'

const url = inject('url')
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

async function save(page: Page, title: string): Promise<string> {
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('textbox', { name: 'Title' }).fill(title)
  await page.getByRole('textbox', { name: 'Note' }).fill('Which city?')
  await page.getByRole('button', { name: 'Save', exact: true }).last().click()
  const link = page.getByRole('textbox', { name: 'Link to the saved experiment' })
  await link.waitFor()
  return link.inputValue()
}

const asked = /\/(infer|importance|logit-lens|attention)(\/stream)?$/

test('a saved experiment opens with its numbers, and asks the model nothing', async () => {
  const first = await visit(browser, `${url}/?p=The+Blue+Mosque+is+in+the+city+of&n=6&cut=L0H1z`)
  await settled(first.page)
  // The lens stands open beside the texts, and is saved with them once it has read them.
  await first.page.waitForLoadState('networkidle')
  const before = await texts(first.page)
  const link = await save(first.page, 'The wrong city')
  await first.page.context().close()

  const { page, complaints } = await visit(browser, `${url}/saved`)
  const questions: string[] = []
  page.on('request', (request) => {
    if (asked.test(request.url())) questions.push(request.url())
  })
  await page.goto(link)
  await settled(page)
  const notice = page.getByRole('region', { name: 'Saved experiment' })
  await notice.getByText('The wrong city').waitFor()
  await notice.getByText(/The numbers are those saved on .* is the same as then\./).waitFor()
  expect(await texts(page)).toEqual(before)
  expect(questions).toEqual([])

  await notice.getByRole('button', { name: 'Compute again' }).click()
  await notice.getByText('the same texts and numbers came out').waitFor()
  expect(questions.length).toBeGreaterThan(0)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a model that has changed since is said', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&n=2&cut=L2H3z`)
  await settled(page)
  const link = await save(page, 'Once')
  await page.route('**/models', async (route) => {
    const response = await route.fetch()
    const list = (await response.json()) as { models: { revision: string }[] }
    for (const model of list.models) model.revision = 'other'
    await route.fulfill({ response, json: list })
  })
  await page.goto(link)
  await page.getByText('has changed since: other weights answer now').waitFor()
  await page.context().close()
})

test('experiments are compared, exported, deleted and imported', async () => {
  const { page, complaints } = await visit(browser, `${url}/?p=Once+upon+a+time&n=2&cut=L2H3z`)
  await settled(page)
  const link = await save(page, 'One head')
  await page.goto(`${url}/?p=Once+upon+a+time&n=2&cut=L2H3z.L0H0z`)
  await settled(page)
  await save(page, 'Two heads')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Saved', exact: true }).click()

  for (const name of ['Compare Two heads', 'Compare One head']) {
    await page.getByRole('checkbox', { name }).check()
  }
  const table = page.getByRole('region', { name: 'Measures side by side' })
  await table.getByRole('rowheader', { name: 'Top-1 changed' }).waitFor()
  await page.getByRole('grid', { name: 'Heads of One head' }).waitFor()
  await page.getByRole('grid', { name: 'Second less first' }).waitFor()
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1440, height: 900 })

  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export all' }).click()
  const file = await readFile(await (await download).path())

  await page.getByRole('button', { name: 'Delete One head' }).click()
  await page.getByRole('button', { name: 'Delete for good' }).click()
  await page.getByRole('checkbox', { name: 'Compare One head' }).waitFor({ state: 'detached' })
  const gone = await page.request.get(
    `${url}/experiments/${new URL(link).searchParams.get('saved')}`,
  )
  expect(gone.status()).toBe(404)

  await page
    .getByLabel('File of saved experiments')
    .setInputFiles({ name: 'saved.json', mimeType: 'application/json', buffer: file })
  await page.getByText('2 experiments imported.').waitFor()
  expect(await page.getByRole('checkbox', { name: 'Compare One head' }).count()).toBe(1)
  expect(await page.getByRole('checkbox', { name: 'Compare Two heads' }).count()).toBe(2)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('what is saved no more is said, and the experiment of the link goes on', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&n=2&saved=gone-gone-gone`)
  await page.getByText('There is no saved experiment at this address').first().waitFor()
  await settled(page)
  await page.getByRole('button', { name: 'Go on without it' }).click()
  await expect.poll(() => page.url()).not.toContain('saved=')
  await page.context().close()
})
