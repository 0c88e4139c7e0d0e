import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { expectNoSidewaysScroll, loaded, sentTo, settled, texts } from './page'
import { expect, test } from './test'

async function save(page: Page, title: string): Promise<string> {
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('textbox', { name: 'Title' }).fill(title)
  await page.getByRole('textbox', { name: 'Note' }).fill('Which city?')
  await page.getByRole('button', { name: 'Save', exact: true }).last().click()
  return page.getByRole('textbox', { name: 'Link to the saved experiment' }).inputValue()
}

test('a saved experiment opens with its numbers, and asks the model nothing', async ({
  page,
  browser,
}) => {
  await page.goto('/?p=The+Blue+Mosque+is+in+the+city+of&n=6&cut=L0H1z')
  await settled(page)
  // The lens stands open beside the texts, and is saved with them once it has read them.
  await loaded(page)
  const before = await texts(page)
  const link = await save(page, 'The wrong city')

  const other = await browser.newPage()
  const questions = sentTo(other, /^\/(infer|importance|logit-lens|attention)(\/stream)?$/)
  await other.goto(link)
  await settled(other)
  const notice = other.getByRole('region', { name: 'Saved experiment' })
  await expect(notice.getByText('The wrong city')).toBeVisible()
  await expect(
    notice.getByText(/The numbers are those saved on .* is the same as then\./),
  ).toBeVisible()
  expect(await texts(other)).toEqual(before)
  expect(questions).toEqual([])

  await notice.getByRole('button', { name: 'Compute again' }).click()
  await expect(notice.getByText('the same texts and numbers came out')).toBeVisible()
  expect(questions).not.toEqual([])
  await other.close()
})

test('a model that has changed since is said', { tag: '@long' }, async ({ page }) => {
  await page.goto('/?p=Once+upon+a+time&n=2&cut=L2H3z')
  await settled(page)
  const link = await save(page, 'Once')
  await page.route('**/models', async (route) => {
    const response = await route.fetch()
    const list = (await response.json()) as { models: { revision: string }[] }
    for (const model of list.models) model.revision = 'other'
    await route.fulfill({ response, json: list })
  })
  await page.goto(link)
  await expect(page.getByText('has changed since: other weights answer now')).toBeVisible()
})

test('experiments are compared, exported, deleted and imported', async ({ page }) => {
  await page.goto('/?p=Once+upon+a+time&n=2&cut=L2H3z')
  await settled(page)
  const link = await save(page, 'One head')
  await page.goto('/?p=Once+upon+a+time&n=2&cut=L2H3z.L0H0z')
  await settled(page)
  await save(page, 'Two heads')
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Saved', exact: true }).click()

  const entry = (name: string) => page.getByRole('checkbox', { name: `Compare ${name}` })
  await entry('Two heads').check()
  await entry('One head').check()
  const table = page.getByRole('region', { name: 'Measures side by side' })
  await expect(table.getByRole('rowheader', { name: 'Top-1 changed' })).toBeVisible()
  await expect(page.getByRole('grid', { name: 'Heads of One head' })).toBeVisible()
  await expect(page.getByRole('grid', { name: 'Second less first' })).toBeVisible()
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSidewaysScroll(page)
  await page.setViewportSize({ width: 1440, height: 900 })

  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export all' }).click()
  const file = await readFile(await (await download).path())

  await page.getByRole('button', { name: 'Delete One head' }).click()
  await page.getByRole('button', { name: 'Delete for good' }).click()
  await expect(entry('One head')).toHaveCount(0)
  const gone = await page.request.get(`/experiments/${new URL(link).searchParams.get('saved')}`)
  expect(gone.status()).toBe(404)

  await page
    .getByLabel('File of saved experiments')
    .setInputFiles({ name: 'saved.json', mimeType: 'application/json', buffer: file })
  await expect(page.getByText('2 experiments imported.')).toBeVisible()
  await expect(entry('One head')).toHaveCount(1)
  await expect(entry('Two heads')).toHaveCount(2)
})

test.describe('what is gone', () => {
  test.use({ failing: true })
  test(
    'what is saved no more is said, and the experiment of the link goes on',
    { tag: '@long' },
    async ({ page }) => {
      await page.goto('/?p=Once+upon+a+time&n=2&saved=gone-gone-gone')
      await expect(
        page.getByText('There is no saved experiment at this address').first(),
      ).toBeVisible()
      await settled(page)
      await page.getByRole('button', { name: 'Go on without it' }).click()
      await expect(page).not.toHaveURL(/saved=/)
    },
  )
})
