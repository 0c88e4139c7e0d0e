import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, inject, test } from 'vitest'
import { launch, runEnded, settled, visit } from './browser'

const folder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))
let browser: Browser

beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  browser = await launch()
})
afterAll(() => browser.close())

test.each([
  { name: 'light', width: 1440, height: 900, dark: false },
  { name: 'dark', width: 1440, height: 900, dark: true },
  { name: 'narrow', width: 390, height: 844, dark: false, touch: true },
])('$name', async ({ name, ...view }) => {
  const { page } = await visit(browser, `${inject('url')}/?by=kl`, view)
  await settled(page)
  // The first example of the model, with the cut that it suggests.
  await page.getByRole('button', { name: /^Cut (L\d|these)/ }).click()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: /first difference/ }).click()
  await runEnded(page)
  await page.getByRole('progressbar', { name: 'Layers measured' }).waitFor({ state: 'detached' })
  await page.getByRole('tabpanel').locator('table').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.mouse.move(0, 0)
  await page.evaluate(() => scrollTo(0, 0))
  await page.screenshot({ path: `${folder}${name}.png` })
  await page.context().close()
})
