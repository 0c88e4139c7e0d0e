import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { cell, launch, runEnded, settled, texts, visit } from './browser'

const url = inject('url')
let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

const nextInfer = (page: Page) =>
  page
    .waitForRequest((request) => request.url().endsWith('/infer'))
    .then((request) => request.postDataJSON() as { ablations: unknown[] })

test('Back restores the finished run of the step before, without running it again', async () => {
  const { page } = await visit(browser, url)
  await settled(page)
  const before = await texts(page)
  await page.getByRole('button', { name: 'Ablate Top-5 Heads' }).click()
  await page
    .getByRole('button', { name: /^Restore/ })
    .first()
    .waitFor()
  await page
    .getByRole('region', { name: 'Prompt' })
    .getByRole('button', { name: 'Run inference' })
    .click()
  await page.locator('[data-stream=ablated]').first().waitFor()
  await runEnded(page)
  const runs: string[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/infer/stream')) runs.push(request.url())
  })
  await page.goBack()
  await expect.poll(() => texts(page)).toEqual(before)
  expect(await page.getByText('Written before your last change').count()).toBe(0)
  expect(runs).toEqual([])
  await page.context().close()
})

test('choosing an example is a step: Back returns to the prompt and its cut', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&cut=L2H3z`)
  await settled(page)
  await page.getByRole('button', { name: 'Examples' }).click()
  await page.getByRole('menuitem').last().click()
  await page.getByRole('button', { name: 'Restore L2H3' }).waitFor({ state: 'detached' })
  await page.goBack()
  await page.getByRole('button', { name: 'Restore L2H3' }).waitFor()
  expect(await page.getByRole('textbox', { name: 'Prompt' }).inputValue()).toBe('Once upon a time')
  await page.context().close()
})

test('a cut is made weaker on its chip, and what is sent says so', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&cut=L2H3z`)
  await settled(page)
  await page.getByRole('button', { name: 'How L2H3 is cut: zero' }).click()
  const sent = nextInfer(page)
  await page.getByRole('group', { name: 'How L2H3 is cut' }).getByRole('spinbutton').fill('0.5')
  expect((await sent).ablations).toEqual([{ layer: 2, head: 3, method: 'zero', strength: 0.5 }])
  await expect.poll(() => page.url()).toContain('cut=L2H3z*0.5')
  await page.context().close()
})

test('scores given the cuts are measured and coloured again when a head is cut', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&score=ablation&given=1`)
  await settled(page)
  const other = cell(page, 5, 9)
  const shown = async () => ({
    words: await other.getAttribute('aria-label'),
    colour: await other.evaluate((each) => getComputedStyle(each).backgroundColor),
  })
  const before = await shown()
  const sent = page.waitForRequest((request) => request.url().endsWith('/importance/stream'))
  await cell(page, 0, 0).click()
  expect((await sent).postDataJSON()).toMatchObject({ ablations: [{ layer: 0, head: 0 }] })
  await page.getByText('given the present cut').first().waitFor()
  await expect.poll(async () => (await shown()).words).not.toBe(before.words)
  await expect.poll(async () => (await shown()).colour).not.toBe(before.colour)
  await page.context().close()
})

test('an MLP is cut in the column beside the heads', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time`)
  await settled(page)
  const sent = nextInfer(page)
  await page.getByRole('gridcell', { name: 'Layer 4 MLP' }).click()
  expect((await sent).ablations).toEqual([{ layer: 4, method: 'zero' }])
  await page.getByRole('button', { name: 'Restore M4' }).waitFor()
  await page.context().close()
})

test('what this model cannot cut stays in the link while a text is written', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&cut=L2H3z.L30H20z.L1H1q`)
  await settled(page)
  await page.getByText('This model cannot make L30H20').waitFor()
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Once upon a')
  await expect.poll(() => page.url()).toContain('p=Once+upon+a&')
  expect(page.url()).toContain('cut=L2H3z.L30H20z.L1H1q')
  await page.context().close()
})

test('a click on a token of a stopped text reads that position', async () => {
  const { page } = await visit(browser, `${url}/?p=Once+upon+a+time&n=200`)
  const stop = page.getByRole('button', { name: 'Stop', exact: true })
  await page.locator('[data-stream=control][data-index="3"]').waitFor()
  if (await stop.isVisible()) await stop.click()
  const sent = page.waitForRequest((request) => request.url().endsWith('/logit-lens'))
  await page.locator('[data-stream=control][data-index="3"]').click()
  const body = (await sent).postDataJSON() as { continuation: number[]; positions: number[] }
  expect(body.continuation.length).toBeGreaterThanOrEqual(4)
  await page.context().close()
})

test('the skip link leads to a cell of the grid at once', async () => {
  const { page } = await visit(browser, url)
  await settled(page)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('gridcell')
  await cell(page, 0, 0).waitFor()
  await page.context().close()
})

test('an unbroken word of 160 letters hangs over nowhere', async () => {
  for (const width of [390, 1440]) {
    const { page } = await visit(browser, `${url}/?p=${'x'.repeat(160)}`, { width })
    await page.getByRole('list', { name: 'Prompt tokens as the model sees them' }).waitFor()
    const [content, view] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ])
    expect(content).toBeLessThanOrEqual(view ?? 0)
    await page.context().close()
  }
})
