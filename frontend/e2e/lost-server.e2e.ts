import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cell, launch, runEnded, settled, texts, visit } from './browser'
import { startServer } from './server'

let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

test('the server is killed and started again under the page', async () => {
  const server = await startServer()
  const { page } = await visit(browser, server.url)
  await settled(page)

  await server.kill()
  await cell(page, 9, 9).click()
  const banner = page.getByRole('alert').filter({ hasText: 'The server does not answer' })
  await banner.first().waitFor()

  const again = await startServer(server.port)
  try {
    // Nobody reloads: the banner goes, and the cut made meanwhile is answered.
    await expect.poll(() => banner.count(), { timeout: 60_000 }).toBe(0)
    await page.getByRole('figure', { name: 'Next token' }).waitFor()
    await page.getByRole('button', { name: 'Restore L9H9' }).waitFor()
    await page.getByText('Written before your last change').waitFor({ state: 'detached' })
    await runEnded(page)
  } finally {
    await page.context().close()
    await again.stop()
  }
})

test('a run that its server took along is written when it is back', async () => {
  const server = await startServer()
  const { page } = await visit(browser, `${server.url}/?p=Once+upon+a+time&n=8&cut=L2H3z`)
  await settled(page)
  const before = await texts(page)
  await server.kill()
  await page.keyboard.press('Control+Enter')
  const failure = page.getByRole('region', { name: 'What the model writes' }).getByRole('alert')
  await failure.waitFor()

  const again = await startServer(server.port)
  try {
    await failure.waitFor({ state: 'detached' })
    await expect.poll(() => texts(page)).toEqual(before)
  } finally {
    await page.context().close()
    await again.stop()
  }
})
