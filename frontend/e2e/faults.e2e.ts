import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { cell, launch, settled, texts, visit } from './browser'

const url = inject('url')
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

test('a server that fails in the middle loses nothing of the experiment, and each failure is said', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&n=4&cut=L2H3z`)
  await settled(page)
  const before = await texts(page)
  const detail = 'The server met an error of its own.'
  await page.route(/\/(infer|importance|logit-lens)(\/|$)/, (route) =>
    route.fulfill({ status: 500, json: { error: 'InternalError', detail } }),
  )
  await page.getByRole('radio', { name: 'Ablation' }).check({ force: true })
  await page.getByRole('button', { name: 'Ablate Top-5 Heads' }).click()
  const failure = page.getByRole('alert').filter({ hasText: detail })
  await failure.first().waitFor()
  await cell(page, 1, 1).click()
  await page.getByRole('button', { name: 'Restore L1H1' }).waitFor()
  await page.getByRole('button', { name: 'Restore L2H3' }).waitFor()

  await page.unrouteAll()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Restore L1H1' }).waitFor({ state: 'detached' })
  await expect.poll(() => texts(page)).toEqual(before)
  await page.context().close()
})

test('what a cut cannot do is said before a run', async () => {
  // So long that no run follows the cut by itself.
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&n=40`)
  await settled(page)
  await page.getByRole('combobox', { name: 'Cut by' }).selectOption('previous')
  await cell(page, 0, 3).click()
  await page.getByRole('button', { name: 'Restore L0H3' }).waitFor()
  await page.getByText(/⚠ L0H3 is unchanged/).waitFor()
  await page.context().close()
})

test('the numbers of the legend stand apart, also after a click with the pointer on the cell', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&score=gradient`)
  await settled(page)
  await cell(page, 5, 5).click()
  await page.getByRole('button', { name: 'Restore L5H5' }).waitFor()
  const gaps = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll('[data-picture-text]')]
      .filter((each) => each.parentElement?.classList.contains('justify-between'))
      .map((each) => each.getBoundingClientRect())
    return boxes.slice(1).map((box, i) => box.left - (boxes[i]?.right ?? Infinity))
  })
  expect(gaps.length).toBe(2)
  expect(Math.min(...gaps)).toBeGreaterThan(4)
  await page.context().close()
})

test('cuts that a link lists in another order are of the run that it shows', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&n=40&cut=L9H9z.L0H3z`)
  await settled(page)
  expect(await page.getByText('Written before your last change').count()).toBe(0)
  await page.context().close()
})
