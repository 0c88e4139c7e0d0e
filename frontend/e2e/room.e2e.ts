import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { cell, launch, runEnded, settled, visit } from './browser'

const url = inject('url')
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

type Run = { ablations: unknown[] }

test('a cut is followed by both texts where they are short, and waits for the button where not', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&n=8`)
  await settled(page)
  const runs: number[] = []
  page.on('request', (request) => {
    if (!request.url().endsWith('/infer/stream')) return
    runs.push((request.postDataJSON() as Run).ablations.length)
  })
  await cell(page, 2, 3).click()
  await expect.poll(() => runs.at(-1)).toBe(1)
  await cell(page, 0, 7).click()
  await cell(page, 0, 1).click()
  await expect.poll(() => runs.at(-1)).toBe(3)
  await runEnded(page)
  await page.getByText('Written before your last change').waitFor({ state: 'detached' })

  await page.goto(`${url}/?p=Once+upon+a+time&n=60`)
  await settled(page)
  const before = runs.length
  await cell(page, 2, 3).click()
  await page.getByText('Written before your last change').waitFor()
  await page.waitForTimeout(600)
  expect(runs.length).toBe(before)
  await page.context().close()
})

test('a room guesses the word before it is shown', async () => {
  const { page, complaints } = await visit(
    browser,
    `${url}/?p=The+Blue+Mosque+is+located+in+the+city+of&n=4`,
  )
  await settled(page)
  await page.getByRole('button', { name: 'Present', exact: true }).click()
  const room = page.getByRole('region', { name: 'Both sentences' })
  const ask = room.getByRole('button', { name: 'What will it say?' })
  await ask.waitFor()
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe(
    '18px',
  )
  expect(await room.textContent()).not.toContain('Istanbul')
  await ask.click()
  await room.getByText('Istanbul').waitFor()
  await page.getByText('Probability over the layers').first().waitFor()

  await cell(page, 0, 1).click()
  await ask.waitFor()
  expect(await room.textContent()).not.toContain('Paris')
  await ask.click()
  await room.getByText('Paris').waitFor()
  await room.getByText('Without L0H1').waitFor()

  await page.getByRole('button', { name: 'End the presentation' }).click()
  await page.getByRole('textbox', { name: 'Prompt' }).waitFor()
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe(
    '16px',
  )
  expect(complaints).toEqual([])
  await page.context().close()
})
