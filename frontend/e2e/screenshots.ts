import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, inject, test } from 'vitest'
import { launch, runEnded, visit } from './browser'

const folder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url))
const experiment =
  '/?p=When+Mary+and+John+went+to+the+store,+John+gave+a+drink+to&cut=L0H10z.L7H9m.L9H9z&by=kl&tok=c0'
let browser: Browser

beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  browser = await launch()
})
afterAll(() => browser.close())

test.each([
  { name: 'light', width: 1440, height: 1340, dark: false },
  { name: 'dark', width: 1440, height: 1340, dark: true },
  { name: 'narrow', width: 390, height: 1340, dark: false, touch: true },
])('$name', async ({ name, ...view }) => {
  const { page } = await visit(browser, inject('url') + experiment, view)
  await page.locator('[data-stream=control]').first().waitFor()
  await runEnded(page)
  await page.getByRole('gridcell', { name: /^Layer 0 head 0, KL/ }).waitFor()
  await page.getByRole('progressbar', { name: 'Layers measured' }).waitFor({ state: 'detached' })
  await page.getByRole('tabpanel').locator('table').first().waitFor()
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: `${folder}${name}.png` })
  await page.context().close()
})
